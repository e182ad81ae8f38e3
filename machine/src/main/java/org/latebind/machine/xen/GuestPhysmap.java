package org.latebind.machine.xen;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.machine.memory.MemoryRange;

/**
 * The stage-2 table (P2M) of one domain: its own memory, identity mapped, and the foreign pages it maps by grant. Foreign
 * entries carry the descriptors of Xen's Arm P2M. Translations are kept in a TLB that forgets only when it is flushed,
 * so an unmap that drops pins before the flush is caught by a stale access. Not thread safe.
 *
 * <pre>
 * 58..55 type (8 grant_map_rw, 9 grant_map_ro) | 54 XN | 47..12 frame | 10 AF | 9..8 SH
 * 7 write | 6 read | 5..2 attributes | 1 page | 0 valid
 * </pre>
 */
final class GuestPhysmap {

    /** Descriptor bits of a grant mapping without the frame; B8 of the P2M format. */
    static final long GRANT_RW = 0x0440_0000_0000_07FFL;
    static final long GRANT_RO = 0x04C0_0000_0000_077FL;
    private static final long RAM_RW = 0x0080_0000_0000_07FFL;
    private static final long FRAME_MASK = 0x0000_FFFF_FFFF_F000L;
    private static final long WRITE = 1 << 7;
    private static final int ENTRIES_PER_TABLE_SHIFT = 9;

    private final PhysicalMemory memory;
    private final List<MemoryRange> ram;
    private final long frames;
    private final int poolTables;
    private final Map<Long, Long> foreign = new HashMap<>();
    private final Map<Long, Integer> tables = new HashMap<>();
    private final Map<Long, Long> tlb = new HashMap<>();

    GuestPhysmap(PhysicalMemory memory, List<MemoryRange> ram, int ipaBits, int poolTables) {
        this.memory = memory;
        this.ram = List.copyOf(ram);
        this.frames = 1L << ipaBits - 12;
        this.poolTables = poolTables;
    }

    /** Tells whether a frame is the domain's own memory. */
    boolean ownsFrame(long frame) {
        if (frame < 0 || frame >= frames) {
            return false;
        }
        long address = frame << 12;
        for (MemoryRange range : ram) {
            if (Long.compareUnsigned(address, range.start()) >= 0 && Long.compareUnsigned(address + 4095, range.last()) <= 0) {
                return memory.isMemory(address, 4096);
            }
        }
        return false;
    }

    /** The valid descriptor of a frame, or 0. */
    long descriptor(long frame) {
        Long entry = foreign.get(frame);
        if (entry != null) {
            return entry;
        }
        return ownsFrame(frame) ? RAM_RW | frame << 12 : 0;
    }

    boolean isForeign(long frame) {
        return foreign.containsKey(frame);
    }

    /**
     * Enters a granted page; what was mapped there is replaced without a word, as Xen does.
     *
     * @return false when the address is beyond the P2M or there is no page for a table; nothing is changed then
     */
    boolean insert(long at, long frame, boolean readOnly) {
        if (at < 0 || at >= frames) {
            return false;
        }
        if (!foreign.containsKey(at)) {
            long table = at >> ENTRIES_PER_TABLE_SHIFT;
            if (!tables.containsKey(table) && tables.size() == poolTables) {
                return false;
            }
            tables.merge(table, 1, Integer::sum);
        }
        foreign.put(at, grantDescriptor(frame, readOnly));
        // Break before make: the old translation may not survive the replacement.
        tlb.remove(at);
        return true;
    }

    static long grantDescriptor(long frame, boolean readOnly) {
        return (readOnly ? GRANT_RO : GRANT_RW) | frame << 12;
    }

    /** Clears an entry completely (XSA-393); the TLB keeps what it has until the flush. */
    void remove(long at) {
        if (foreign.remove(at) != null) {
            tables.computeIfPresent(at >> ENTRIES_PER_TABLE_SHIFT, (table, n) -> n == 1 ? null : n - 1);
        }
    }

    void removeAll() {
        foreign.clear();
        tables.clear();
        flush();
    }

    void flush() {
        tlb.clear();
    }

    int foreignCount() {
        return foreign.size();
    }

    static long frameOf(long descriptor) {
        return (descriptor & FRAME_MASK) >>> 12;
    }

    /** Translates as the CPU does, through the TLB: a frame, {@link #TRANSLATION_FAULT} or {@link #PERMISSION_FAULT}. */
    long translate(long frame, boolean write) {
        Long cached = tlb.get(frame);
        long descriptor = cached != null ? cached : descriptor(frame);
        if (descriptor == 0) {
            return TRANSLATION_FAULT;
        }
        if (cached == null) {
            tlb.put(frame, descriptor);
        }
        return write && (descriptor & WRITE) == 0 ? PERMISSION_FAULT : frameOf(descriptor);
    }

    static final long TRANSLATION_FAULT = -1;
    static final long PERMISSION_FAULT = -2;
}
