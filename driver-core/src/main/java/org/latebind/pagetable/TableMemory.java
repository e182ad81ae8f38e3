package org.latebind.pagetable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.hardware.WordArrayMemory;

/**
 * The way to descriptors: straight into the arrays of a memory that lends them, else by calls. A table is addressed
 * by its array (null without arrays) and its physical address together.
 */
final class TableMemory {

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int MASK = WordArrayMemory.CHUNK_BYTES - 1;

    private static final int CHUNK_SHIFT = Integer.numberOfTrailingZeros(WordArrayMemory.CHUNK_BYTES);
    private static final int VIEWS = 256;

    private final PhysicalMemory memory;
    private final WordArrayMemory arrays;
    /** Arrays met before, by chunk number; the first of a slot stays, so that nothing is allocated for ever. */
    private final View[] views;

    /** Immutable, therefore safe to find by a race. */
    private static final class View {
        private final long chunk;
        private final long[] words;

        View(long chunk, long[] words) {
            this.chunk = chunk;
            this.words = words;
        }
    }

    TableMemory(PhysicalMemory memory) {
        this.memory = memory;
        arrays = memory instanceof WordArrayMemory a ? a : null;
        views = arrays == null ? null : new View[VIEWS];
    }

    /** Array of the place where an entry lies, or null. */
    long[] words(long address) {
        if (views == null) {
            return null;
        }
        View view = views[(int) (address >>> CHUNK_SHIFT) & VIEWS - 1];
        return view != null && view.chunk == address >>> CHUNK_SHIFT ? view.words : ask(address);
    }

    private long[] ask(long address) {
        long[] words = arrays.words(address);
        long chunk = address >>> CHUNK_SHIFT;
        int slot = (int) chunk & VIEWS - 1;
        if (views[slot] == null) {
            views[slot] = new View(chunk, words);
        }
        return words;
    }

    /** Index in {@link #words} of the word at an address. */
    static int index(long address) {
        return ((int) address & MASK) >>> 3;
    }

    long load(long[] words, long address) {
        return words != null ? words[index(address)] : memory.read64(address);
    }

    /** For descriptors of tables: what another thread wrote into the table before it installed it is seen. */
    long loadAcquire(long[] words, long address) {
        return words != null ? (long) WORDS.getAcquire(words, index(address)) : memory.read64(address);
    }

    void store(long[] words, long address, long value) {
        if (words != null) {
            words[index(address)] = value;
        } else {
            memory.write64(address, value);
        }
    }

    /** Sequentially consistent; returns the value found. */
    long compareAndExchange(long[] words, long address, long expected, long value) {
        return words != null ? (long) WORDS.compareAndExchange(words, index(address), expected, value)
                : memory.compareAndExchange64(address, expected, value);
    }

    /** Tells whether all of {@code count} entries are empty. */
    boolean allZero(long[] words, long address, int count) {
        long seen = 0;
        if (words != null) {
            int from = index(address);
            for (int i = 0; i < count; i++) {
                seen |= words[from + i];
            }
        } else {
            for (int i = 0; i < count; i++) {
                seen |= memory.read64(address + 8L * i);
            }
        }
        return seen == 0;
    }

    void clear(long[] words, long address, int count) {
        if (words != null) {
            int from = index(address);
            for (int i = 0; i < count; i++) {
                words[from + i] = 0;
            }
        } else {
            for (int i = 0; i < count; i++) {
                memory.write64(address + 8L * i, 0);
            }
        }
    }
}
