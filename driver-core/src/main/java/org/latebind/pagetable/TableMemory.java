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

    private final PhysicalMemory memory;
    private final WordArrayMemory arrays;

    TableMemory(PhysicalMemory memory) {
        this.memory = memory;
        arrays = memory instanceof WordArrayMemory a ? a : null;
    }

    /** Array of the place where an entry lies, or null. */
    long[] words(long address) {
        return arrays == null ? null : arrays.words(address);
    }

    /** Index in {@link #words} of the word at an address. */
    static int index(long address) {
        return ((int) address & MASK) >>> 3;
    }

    long load(long[] words, long address) {
        return words != null ? words[index(address)] : memory.read64(address);
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
