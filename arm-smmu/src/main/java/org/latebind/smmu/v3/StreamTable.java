package org.latebind.smmu.v3;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.driver.Errno;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;

/**
 * The stream table in memory: linear, or two-level with second-level tables made when a stream is first needed (Arm IHI
 * 0070, section 3.3.1). Owns the memory. Every entry that nobody attached is the {@code idle} one.
 */
final class StreamTable {

    private static final int SPLIT = 8;
    private static final int LEVEL1_BITS_MAX = 17;
    /** Span of a full second-level table: 2^(Span-1) entries. */
    private static final int FULL_SPAN = SPLIT + 1;
    private static final int LEVEL2_BYTES = TableEntry.BYTES << SPLIT;
    private static final int FORMAT_TWO_LEVEL = 1 << 16;
    private static final int CHUNK_BYTES = 1 << 16;

    private final PhysicalMemory memory;
    private final PageAllocator pages;
    private final Capabilities capabilities;
    private final long[] idle;
    private final boolean idlePasses;
    private final Map<Integer, Long> level2 = new TreeMap<>();
    private final Map<Integer, Object> owners = new HashMap<>();
    private long base;
    private long baseBytes;
    private long sharedIdle;

    private StreamTable(PhysicalMemory memory, PageAllocator pages, Capabilities capabilities, boolean abortIdle) {
        this.memory = memory;
        this.pages = pages;
        this.capabilities = capabilities;
        this.idle = abortIdle ? TableEntry.abort() : TableEntry.bypass(capabilities);
        this.idlePasses = !abortIdle;
    }

    /**
     * Allocates a table in which every stream is idle.
     *
     * @param abortIdle idle streams abort, else they pass
     * @return the table, or null when memory is exhausted
     */
    static StreamTable allocate(PhysicalMemory memory, PageAllocator pages, Capabilities capabilities, boolean abortIdle) {
        StreamTable table = new StreamTable(memory, pages, capabilities, abortIdle);
        if (table.twoLevel() ? table.allocateLevel1() : table.allocateLinear()) {
            return table;
        }
        table.free();
        return null;
    }

    private boolean twoLevel() {
        return capabilities.twoLevel() && capabilities.streamBits() > SPLIT;
    }

    private int level1Bits() {
        return Math.min(capabilities.streamBits() - SPLIT, LEVEL1_BITS_MAX);
    }

    private boolean allocateLinear() {
        baseBytes = (long) TableEntry.BYTES << capabilities.streamBits();
        base = pages.allocate(baseBytes, baseBytes, capabilities.outputBits());
        if (base != PageAllocator.NONE) {
            fill(base, baseBytes);
        }
        return base != PageAllocator.NONE;
    }

    private boolean allocateLevel1() {
        baseBytes = Math.max(64, 8L << level1Bits());
        base = pages.allocate(baseBytes, baseBytes, capabilities.outputBits());
        if (base == PageAllocator.NONE) {
            return false;
        }
        if (idlePasses) {
            // Streams nobody ever named pass too: one table of idle entries serves all of them.
            sharedIdle = newLevel2();
            if (sharedIdle == PageAllocator.NONE) {
                return false;
            }
            for (int i = 0; i < 1 << level1Bits(); i++) {
                memory.write64(base + 8L * i, sharedIdle | FULL_SPAN);
            }
        }
        return true;
    }

    private long newLevel2() {
        long table = pages.allocate(LEVEL2_BYTES, LEVEL2_BYTES, capabilities.outputBits());
        if (table != PageAllocator.NONE) {
            fill(table, LEVEL2_BYTES);
        }
        return table;
    }

    private void fill(long address, long bytes) {
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(bytes, CHUNK_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        while (chunk.hasRemaining()) {
            for (long word : idle) {
                chunk.putLong(word);
            }
        }
        for (long done = 0; done < bytes; done += chunk.capacity()) {
            memory.write(address + done, chunk.array(), 0, chunk.capacity());
        }
    }

    /** Address of the table. */
    long base() {
        return base;
    }

    /** Value of STRTAB_BASE_CFG. */
    int configuration() {
        return twoLevel() ? FORMAT_TWO_LEVEL | SPLIT << 6 | level1Bits() + SPLIT : capabilities.streamBits();
    }

    /** What an idle stream's entry holds. */
    long[] idle() {
        return idle.clone();
    }

    boolean covers(int sid) {
        int bits = twoLevel() ? level1Bits() + SPLIT : capabilities.streamBits();
        return Integer.toUnsignedLong(sid) >>> bits == 0;
    }

    /**
     * Makes sure that a stream has an entry of its own.
     *
     * @param published told when a level-1 descriptor that hardware may have cached was replaced
     * @return null on success, else the error
     */
    Errno prepare(int sid, EntryWriter.Sync published) {
        if (!covers(sid)) {
            return Errno.ERANGE;
        }
        int index = sid >>> SPLIT;
        if (!twoLevel() || level2.containsKey(index)) {
            return null;
        }
        long table = newLevel2();
        if (table == PageAllocator.NONE) {
            return Errno.ENOMEM;
        }
        level2.put(index, table);
        // All entries are in place before the descriptor that makes them reachable.
        VarHandle.fullFence();
        memory.write64(base + 8L * index, table | FULL_SPAN);
        published.entryChanged();
        return null;
    }

    /** Address of a stream's entry; {@link #prepare} succeeded before. */
    long entry(int sid) {
        return twoLevel() ? level2.get(sid >>> SPLIT) + (long) (sid & (1 << SPLIT) - 1) * TableEntry.BYTES
                : base + Integer.toUnsignedLong(sid) * TableEntry.BYTES;
    }

    /** Who owns a stream; null when nobody does. */
    Object owner(int sid) {
        return owners.get(sid);
    }

    void own(int sid, Object owner) {
        owners.put(sid, owner);
    }

    void disown(int sid) {
        owners.remove(sid);
    }

    /** Gives the memory back. The SMMU does not use the table any more. */
    void free() {
        level2.values().forEach(t -> pages.free(t, LEVEL2_BYTES));
        level2.clear();
        if (sharedIdle != PageAllocator.NONE) {
            pages.free(sharedIdle, LEVEL2_BYTES);
            sharedIdle = PageAllocator.NONE;
        }
        if (base != PageAllocator.NONE) {
            pages.free(base, baseBytes);
            base = PageAllocator.NONE;
        }
    }
}
