package org.latebind.machine;

import java.util.List;
import java.util.Objects;
import org.latebind.driver.DeviceProperties;

/**
 * What a board is made of, as the simulated machine needs it: a pure value, read once from a device tree.
 *
 * @param memory  ranges of physical memory, in document order; not null
 * @param nodes   every node of the tree, in document order; not null
 * @param masters devices with a bus-master side, in document order; not null
 */
public record MachineLayout(List<Range> memory, List<Node> nodes, List<Master> masters) {

    /** Copies the lists. */
    public MachineLayout {
        memory = List.copyOf(memory);
        nodes = List.copyOf(nodes);
        masters = List.copyOf(masters);
    }

    /**
     * A range of physical addresses.
     *
     * @param start     first byte, unsigned
     * @param sizeBytes size, positive
     */
    public record Range(long start, long sizeBytes) {
    }

    /**
     * One node of the tree.
     *
     * @param properties     the node; not null
     * @param compatible     compatible strings, most specific first, possibly empty
     * @param registers      register windows as CPU physical addresses; empty when they cannot be translated
     * @param interruptLines lines of the interrupt controller, in the order of the tree
     */
    public record Node(DeviceProperties properties, List<String> compatible, List<Range> registers,
            List<Integer> interruptLines) {

        /** Copies the lists. */
        public Node {
            Objects.requireNonNull(properties, "properties");
            compatible = List.copyOf(compatible);
            registers = List.copyOf(registers);
            interruptLines = List.copyOf(interruptLines);
        }

        /** Path of the node. */
        public String path() {
            return properties.path();
        }
    }

    /**
     * A bus master.
     *
     * @param path    name of the device: its path, for a PCI function the name the board gives it
     * @param streams what it can emit, at least one
     */
    public record Master(String path, List<Stream> streams) {

        /** Checks and copies the list. */
        public Master {
            Objects.requireNonNull(path, "path");
            streams = List.copyOf(streams);
            if (streams.isEmpty()) {
                throw new IllegalArgumentException("a master without streams: " + path);
            }
        }
    }

    /**
     * One stream of a master.
     *
     * @param iommuPath path of the IOMMU it passes through; not null
     * @param id        stream id (Arm), micro-TLB number (Renesas), or the requester's first cell
     */
    public record Stream(String iommuPath, int id) {

        /** Checks the arguments. */
        public Stream {
            Objects.requireNonNull(iommuPath, "iommuPath");
        }
    }
}
