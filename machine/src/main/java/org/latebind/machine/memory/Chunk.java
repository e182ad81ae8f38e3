package org.latebind.machine.memory;

/** 64 KiB of memory, or the part of them that lies inside a range. Immutable but for its words: safe to publish by a race. */
final class Chunk {

    /** Address of the first byte that is memory. */
    final long first;
    /** Number of bytes from {@link #first} on that are memory, at most the size of a chunk. */
    final long length;
    /** The words of the whole 64 KiB. */
    final long[] words;

    Chunk(long first, long length, int words) {
        this.first = first;
        this.length = length;
        this.words = new long[words];
    }

    boolean holds(long address) {
        return Long.compareUnsigned(address - first, length) < 0;
    }
}
