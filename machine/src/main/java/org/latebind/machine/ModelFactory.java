package org.latebind.machine;

import java.util.List;
import org.latebind.driver.DeviceProperties;
import org.latebind.hardware.Finding;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.hardware.xen.Hypervisor;

/** Makes the model behind a node of the tree. One factory for each family of hardware. */
public interface ModelFactory {

    /** Tells whether this factory models a device with these compatible strings. */
    boolean matches(List<String> compatible);

    /** Makes the model in its reset state. */
    Model create(Surroundings surroundings);

    /** A simulated device. */
    interface Model {

        /** Register windows, in the order of the node's {@code reg} entries. */
        List<RegisterWindow> windows();

        /** The translation side, or null when the device is no IOMMU or translates for no master directly. */
        StreamTranslator translator();

        /** The hypervisor, when this model is the node that announces one; else null. */
        default Hypervisor hypervisor() {
            return null;
        }

        /** Puts the device into its reset state, as after a loss of power; what memory holds stays. */
        default void reset() {
        }
    }

    /** What a model may use of the machine. */
    interface Surroundings {

        /** The node. */
        DeviceProperties node();

        /** Nodes compatible with a string, in document order (a leaf finds its root, a SoC its identity register). */
        List<DeviceProperties> findCompatible(String compatible);

        /** Another model made before or later, by path; null when there is none. Ask at run time, not at creation. */
        Model model(String path);

        /** Physical memory, for table walks and queues. */
        PhysicalMemory memory();

        /** Number of interrupts of the node. */
        int interruptCount();

        /** Sets the level of interrupt {@code index} of this node; an edge is a raise followed by a lower. */
        void interrupt(int index, boolean raised);

        /** Hardware time in nanoseconds. */
        long nanos();

        /** Reports a complaint. */
        void report(Finding finding);

        /** A named option of the machine, for example {@code ipmmu.dirty-firmware}; {@code fallback} when it is not set. */
        String option(String name, String fallback);
    }
}
