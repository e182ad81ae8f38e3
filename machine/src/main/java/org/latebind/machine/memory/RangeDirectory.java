package org.latebind.machine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.latebind.hardware.WordArrayMemory;

/**
 * The chunks of one range, in two levels, both filled on first write. Lock free: a chunk is installed by
 * compare-and-set and never replaced.
 */
final class RangeDirectory {

    private static final int CHUNK_SHIFT = Integer.numberOfTrailingZeros(WordArrayMemory.CHUNK_BYTES);
    private static final VarHandle LEAVES = MethodHandles.arrayElementVarHandle(Chunk[][].class);
    private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(Chunk[].class);

    final long first;
    final long length;
    private final long firstChunk;
    private final int leafShift;
    private final Chunk[][] root;

    RangeDirectory(MemoryRange range) {
        first = range.start();
        length = range.sizeBytes();
        firstChunk = first >>> CHUNK_SHIFT;
        long chunks = (range.last() >>> CHUNK_SHIFT) - firstChunk + 1;
        int bits = 64 - Long.numberOfLeadingZeros(chunks - 1);
        leafShift = (bits + 1) / 2;
        root = new Chunk[(int) ((chunks - 1 >>> leafShift) + 1)][];
    }

    boolean holds(long address) {
        return Long.compareUnsigned(address - first, length) < 0;
    }

    /** Returns the chunk of an address inside the range, or null when nothing was written there yet. */
    Chunk find(long address) {
        long chunk = (address >>> CHUNK_SHIFT) - firstChunk;
        Chunk[] leaf = root[(int) (chunk >>> leafShift)];
        return leaf == null ? null : leaf[(int) chunk & (1 << leafShift) - 1];
    }

    /** Returns the chunk of an address inside the range, made when it is not there. */
    Chunk make(long address) {
        long chunk = (address >>> CHUNK_SHIFT) - firstChunk;
        int slot = (int) (chunk >>> leafShift);
        Chunk[] leaf = root[slot];
        if (leaf == null) {
            Chunk[] fresh = new Chunk[1 << leafShift];
            Chunk[] found = (Chunk[]) LEAVES.compareAndExchange(root, slot, null, fresh);
            leaf = found == null ? fresh : found;
        }
        int index = (int) chunk & (1 << leafShift) - 1;
        Chunk present = leaf[index];
        if (present != null) {
            return present;
        }
        Chunk fresh = chunkAt(address);
        Chunk found = (Chunk) CHUNKS.compareAndExchange(leaf, index, null, fresh);
        return found == null ? fresh : found;
    }

    private Chunk chunkAt(long address) {
        long base = address & -WordArrayMemory.CHUNK_BYTES;
        long last = base + WordArrayMemory.CHUNK_BYTES - 1;
        long from = Long.compareUnsigned(base, first) < 0 ? first : base;
        long rangeLast = first + (length - 1);
        long to = Long.compareUnsigned(last, rangeLast) > 0 ? rangeLast : last;
        return new Chunk(from, to - from + 1, WordArrayMemory.CHUNK_BYTES / Long.BYTES);
    }
}
