package org.latebind.machine;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.latebind.driver.DeviceProperties;

/**
 * What a board is made of, as the simulated machine needs it: a pure value, read once from a device tree.
 *
 * @param memory  ranges of physical memory, in document order; not null
 * @param nodes   every node of the tree, in document order; not null
 * @param masters devices with a bus-master side, in document order; not null
 * @param hosts   PCI host bridges whose functions pass through an IOMMU; not null
 */
public record MachineLayout(List<Range> memory, List<Node> nodes, List<Master> masters, List<PciHost> hosts) {

    /** Copies the lists. */
    public MachineLayout {
        memory = List.copyOf(memory);
        nodes = List.copyOf(nodes);
        masters = List.copyOf(masters);
        hosts = List.copyOf(hosts);
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
     * @param iommuPath path of the IOMMU it passes through; empty for none; not null
     * @param id        stream id (Arm), micro-TLB number (Renesas), or the requester's first cell
     */
    public record Stream(String iommuPath, int id) {

        /** Checks the arguments. */
        public Stream {
            Objects.requireNonNull(iommuPath, "iommuPath");
        }

        /** A stream with no IOMMU on its way. */
        static Stream direct(int id) {
            return new Stream("", id);
        }
    }

    /**
     * A PCI host bridge (or another bus with requester ids) with an {@code iommu-map}.
     *
     * @param path    path of the bridge; not null
     * @param mask    {@code iommu-map-mask}, all ones when it is absent
     * @param entries the map, in order
     */
    public record PciHost(String path, int mask, List<MapEntry> entries) {

        /** Checks and copies the list. */
        public PciHost {
            Objects.requireNonNull(path, "path");
            entries = List.copyOf(entries);
        }

        /** The stream of a requester id; empty when no entry covers it (the function is not behind an IOMMU). */
        public Optional<Stream> stream(int requesterId) {
            int masked = requesterId & mask;
            for (MapEntry entry : entries) {
                if (Integer.compareUnsigned(masked - entry.requesterBase(), entry.length()) < 0) {
                    return Optional.of(new Stream(entry.iommuPath(), entry.outputBase() + masked - entry.requesterBase()));
                }
            }
            return Optional.empty();
        }
    }

    /**
     * One entry of {@code iommu-map}.
     *
     * @param requesterBase first requester id
     * @param iommuPath     path of the IOMMU; not null
     * @param outputBase    stream id of the first requester id
     * @param length        number of ids, unsigned
     */
    public record MapEntry(int requesterBase, String iommuPath, int outputBase, int length) {

        /** Checks the arguments. */
        public MapEntry {
            Objects.requireNonNull(iommuPath, "iommuPath");
        }
    }
}
