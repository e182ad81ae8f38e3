package org.latebind.driver;

import java.util.List;
import java.util.Optional;
import org.latebind.dma.DmaApi;
import org.latebind.hardware.Machine;
import org.latebind.hardware.Mmio;
import org.latebind.passthrough.XenHost;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One device as its driver sees it. Valid while the probe runs and, if that ended in {@link Bound}, until the binding
 * is closed.
 */
@ProviderType
public interface Device {

    /** Path in the tree, unique, for example {@code /soc/iommu@e67b0000}. */
    String path();

    /** Linux' device name, for example {@code e67b0000.iommu}. */
    String name();

    /** Compatible strings, most specific first. */
    List<String> compatible();

    /** What the firmware says of the device. */
    DeviceProperties properties();

    /** Nodes of the board that are compatible with {@code compatible}, in document order; for identity registers and the like. */
    List<DeviceProperties> findCompatible(String compatible);

    /** Compatible strings of the board itself (the root node), most specific first. */
    List<String> boardCompatible();

    /** Number of register windows. */
    int registerCount();

    /** CPU physical address of register window {@code index}, translated through all buses. */
    long registerAddress(int index);

    /** Size of register window {@code index} in bytes. */
    long registerSize(int index);

    /**
     * Maps register window {@code index}.
     *
     * @throws IndexOutOfBoundsException when the device has no such window
     */
    Mmio registers(int index);

    /** Number of interrupts. */
    int interruptCount();

    /** Line number of interrupt {@code index}, for {@link org.latebind.hardware.Interrupts#request}. */
    int interruptLine(int index);

    /** The hardware. */
    Machine machine();

    /** The DMA API of this device. */
    DmaApi dma();

    /**
     * The hypervisor's side when the core plays Xen (policy {@code xen}): a driver that knows Xen mode then brings the device
     * up for guests. Empty in Linux mode.
     */
    default Optional<XenHost> xen() {
        return Optional.empty();
    }

    /** Writes one line into the log under this device's name. */
    void log(LogLevel level, String text);

    /** Weight of a log line; names as in the kernel. */
    enum LogLevel {
        /** Something is broken. */ ERROR,
        /** Something is odd. */ WARNING,
        /** Worth knowing. */ INFO,
        /** For people who debug. */ DEBUG
    }
}
