package org.latebind.acpi;

import java.util.List;

/**
 * One node of the table.
 *
 * @param offset place in the table in bytes; unique
 * @param revision revision of the node's layout
 * @param mappings id mappings in order
 * @param content what the node is
 */
public record IortNode(int offset, int revision, List<IdMapping> mappings, Content content) {

    /** Copies the list. */
    public IortNode {
        mappings = List.copyOf(mappings);
    }

    /** What a node is. Addresses are CPU physical and unsigned. */
    public sealed interface Content {
    }

    /** Interrupt translation services (type 0). */
    public record ItsGroup(List<Integer> ids) implements Content {
    }

    /** A device of the ACPI name space (type 1); {@code addressBits} 0 is an error of the firmware. */
    public record NamedComponent(String name, boolean coherent, int addressBits) implements Content {
    }

    /** A PCI root complex (type 2). */
    public record RootComplex(int segment, boolean coherent, boolean ats, int addressBits) implements Content {
    }

    /** SMMUv1 or SMMUv2 (type 3); {@code model} as in the specification: 0 v1, 1 v2, 2 MMU-400/401, 3 MMU-500. */
    public record SmmuV2(long base, long spanBytes, int model, boolean coherent, List<Integer> globalInterrupts,
            List<Integer> contextInterrupts) implements Content {
    }

    /** SMMUv3 (type 4); {@code deviceIdMapping} is the index of the mapping for its own interrupts only, -1 when none is. */
    public record SmmuV3(long base, int model, boolean coherent, int eventInterrupt, int priInterrupt, int errorInterrupt,
            int syncInterrupt, int deviceIdMapping) implements Content {
    }

    /** Performance monitor (type 5); {@code deviceIdMapping} as for SMMUv3. */
    public record PerformanceMonitor(long base, int interrupt, int deviceIdMapping) implements Content {
    }

    /** Memory ranges that devices use all the time (type 6). */
    public record ReservedMemory(boolean remappable, List<Range> ranges) implements Content {
    }

    /** A type that is not known here. */
    public record Other(int type) implements Content {
    }

    /** A range of physical memory. */
    public record Range(long base, long sizeBytes) {
    }

    /** Tells whether the node translates addresses. */
    public boolean isSmmu() {
        return content instanceof SmmuV2 || content instanceof SmmuV3;
    }

    /** Tells whether a mapping of this node may send all ids to one: only those of devices may. */
    boolean maySingle() {
        return content instanceof NamedComponent || content instanceof RootComplex || content instanceof Other o && o.type == 7;
    }

    /** Index of the mapping that is not for the ids of devices behind this node, or -1. */
    int ownMapping() {
        return content instanceof SmmuV3 s ? s.deviceIdMapping : content instanceof PerformanceMonitor p ? p.deviceIdMapping : -1;
    }
}
