package org.latebind.smmu.v3;

import java.lang.invoke.VarHandle;
import java.util.function.UnaryOperator;
import org.latebind.hardware.PhysicalMemory;

/**
 * Changes an entry that hardware may be reading. Only a 64-bit store is atomic for it, so the change is arranged such
 * that what the hardware uses is at every moment the old entry, the new one, or one that aborts (Arm IHI 0070, section 3.21.3).
 *
 * <p>When just one word differs in bits that are used, the others are prepared first, that word is switched, and the rest is
 * cleaned up: nobody notices. Otherwise the entry is switched to {@code quiet} in between. Not thread safe.
 */
final class EntryWriter {

    private final PhysicalMemory memory;
    private final UnaryOperator<long[]> usedBits;
    private final long quiet;

    /** Makes the hardware drop its copy of the entry and waits. */
    @FunctionalInterface
    interface Sync {

        /** Called after stores that the hardware must notice before the next ones. */
        void entryChanged();
    }

    /**
     * Makes a writer for one kind of entry.
     *
     * @param usedBits bits of an entry the hardware looks at
     * @param quiet    first word of an entry that makes the hardware ignore the others
     */
    EntryWriter(PhysicalMemory memory, UnaryOperator<long[]> usedBits, long quiet) {
        this.memory = memory;
        this.usedBits = usedBits;
        this.quiet = quiet;
    }

    /** Reads an entry. */
    long[] read(long address) {
        long[] words = new long[TableEntry.WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = memory.read64(address + 8L * i);
        }
        return words;
    }

    /** Tells whether a change would pass through the quiet entry. */
    boolean disruptive(long address, long[] target) {
        long[] current = read(address);
        return criticalWords(target, prepared(current, target)) > 1;
    }

    /** Changes the entry at {@code address} to {@code target}. */
    void write(long address, long[] target, Sync sync) {
        // Whatever the new entry points to must be visible first.
        VarHandle.fullFence();
        long[] current = read(address);
        long[] prepared = prepared(current, target);
        int critical = criticalWords(target, prepared);
        if (critical == 1) {
            int word = criticalWord(target, prepared);
            prepared[word] = current[word];
            store(address, current, prepared, 0, TableEntry.WORDS, sync);
            store(address, current, target, word, word + 1, sync);
            store(address, current, target, 0, TableEntry.WORDS, sync);
        } else if (critical > 1) {
            long[] quieted = current.clone();
            quieted[0] = quiet;
            store(address, current, quieted, 0, 1, sync);
            store(address, current, target, 1, TableEntry.WORDS, sync);
            store(address, current, target, 0, 1, sync);
        } else {
            // Nothing the hardware uses changes; only leftovers are cleared.
            store(address, current, target, 0, TableEntry.WORDS, sync);
        }
    }

    /** The current entry with the new values in all bits that are not used now. */
    private long[] prepared(long[] current, long[] target) {
        long[] used = usedBits.apply(current);
        long[] result = new long[TableEntry.WORDS];
        for (int i = 0; i < result.length; i++) {
            result[i] = current[i] & used[i] | target[i] & ~used[i];
        }
        return result;
    }

    private int criticalWords(long[] target, long[] prepared) {
        long[] used = usedBits.apply(target);
        int count = 0;
        for (int i = 0; i < TableEntry.WORDS; i++) {
            count += ((prepared[i] ^ target[i]) & used[i]) != 0 ? 1 : 0;
        }
        return count;
    }

    private int criticalWord(long[] target, long[] prepared) {
        long[] used = usedBits.apply(target);
        int word = 0;
        while (((prepared[word] ^ target[word]) & used[word]) == 0) {
            word++;
        }
        return word;
    }

    private void store(long address, long[] current, long[] wanted, int from, int to, Sync sync) {
        boolean changed = false;
        for (int i = from; i < to; i++) {
            if (current[i] != wanted[i]) {
                memory.write64(address + 8L * i, wanted[i]);
                current[i] = wanted[i];
                changed = true;
            }
        }
        if (changed) {
            sync.entryChanged();
        }
    }
}
