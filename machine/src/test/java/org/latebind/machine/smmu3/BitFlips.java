package org.latebind.machine.smmu3;

import java.util.ArrayList;
import java.util.List;

/**
 * One working stream, and every single bit of its entry, its context descriptor, its level-1 descriptor and its page-table
 * descriptors turned over, one at a time: what is legal, what is ignored, which event comes. Bits that QEMU 7.2 answers against the
 * architecture are left out, and pointers that would lead into devices of its machine.
 */
final class BitFlips {

    private static final int SID = 16;
    private static final long LEVEL1 = 0x4900_0000L;
    private static final long LEVEL2 = 0x4a80_0000L;
    private static final long ENTRY = LEVEL2 + 64L * SID;
    private static final long CONTEXT = 0x4b00_0000L;
    private static final long COMMANDS = 0x5200_0000L;
    private static final long EVENTS = 0x5300_0000L;
    private static final int EVENT_BITS = 4;
    private static final int COMMAND_BITS = 4;
    private static final long TABLES = 0x6400_0000L;
    private static final long IOVA = 0x7000_5010L;
    private static final long PAGE = 0x7000_8000L;
    /** Where nothing of the machine listens: memory, and addresses far above everything. */
    private static final long RAM = 0x4000_0000L;
    private static final long RAM_END = 0x8000_0000L;

    private final LockStep step;
    private int producer;

    BitFlips(LockStep step) {
        this.step = step;
    }

    /**
     * A structure under test.
     *
     * @param name    for the report
     * @param address where it is
     * @param words   its legal content
     * @param pointer index of the word that is an address, or -1
     * @param exempt  for each word the bits left out, with the reason at its definition
     */
    private record Structure(String name, long address, long[] words, int pointer, long[] exempt) {
    }

    private List<Structure> structures() {
        List<Structure> all = new ArrayList<>();
        // STRW is not checked there.
        all.add(new Structure("STE", ENTRY, new long[] {0xbL | CONTEXT, 0xd6, 0, 0, 0, 0, 0, 0}, 0,
                new long[] {0, 3L << 30, 0, 0, 0, 0, 0, 0}));
        // EPD1: legal there as well, but TTB1 gets low addresses; left in, because T1SZ is 0 and thus illegal.
        all.add(new Structure("CD", CONTEXT, new long[] {0x0001_e204_c000_3510L, TABLES, 0, 0xf404ff44L, 0, 0, 0, 0}, 1,
                new long[8]));
        // Span: its bound is another one there. L2Ptr: below the alignment of its table, and from bit 52 on, QEMU looks.
        all.add(new Structure("L1STD", LEVEL1, new long[] {LEVEL2 | 9}, 0, new long[] {0xfff0_0000_0000_3fffL}));
        for (int level = 0; level < 3; level++) {
            // A block would lead to where no data is; APTable[0] is not looked at, like AP[1].
            all.add(new Structure("table descriptor of level " + level, slot(level), new long[] {TABLES + 0x1000 * (level + 1) | 3},
                    0, new long[] {2 | 1L << 61}));
        }
        // AF, AP[1] and nG are not looked at there.
        all.add(new Structure("page descriptor", slot(3), new long[] {PAGE | 0xf43}, 0,
                new long[] {1L << 10 | 1L << 6 | 1L << 11}));
        return all;
    }

    private static long slot(int level) {
        return TABLES + 0x1000L * level + 8 * (IOVA >>> 39 - 9 * level & 0x1ff);
    }

    int run() {
        setUp();
        int flips = 0;
        for (Structure s : structures()) {
            for (int bit = 0; bit < 64 * s.words().length; bit++) {
                long flipped = s.words()[bit / 64] ^ 1L << bit % 64;
                boolean exempt = (s.exempt()[bit / 64] >>> bit % 64 & 1) != 0
                        || bit / 64 == s.pointer() && leadsIntoDevices(flipped & 0x000f_ffff_ffff_f000L);
                if (!exempt) {
                    step.note(s.name() + " bit " + bit);
                    check(s, bit / 64, flipped);
                    flips++;
                }
            }
        }
        return flips;
    }

    /** PCI windows answer all ones, devices act; from 2^44 on it is beyond the output size, from 2^48 on QEMU does not look. */
    private static boolean leadsIntoDevices(long address) {
        boolean ram = address >= RAM && address < RAM_END;
        boolean empty = address >= RAM_END && address < 1L << 32 || address >= 1L << 40 && address < 1L << 44;
        return !ram && !empty;
    }

    private void check(Structure s, int word, long flipped) {
        step.store(s.address() + 8L * word, flipped);
        for (boolean write : new boolean[] {false, true}) {
            // Between the two as well: APTable does not count there when an entry of the TLB is hit.
            forget();
            step.transfer(SID, IOVA, new byte[] {1, 2, 3, 4}, write);
            step.sameEvents(EVENTS, EVENT_BITS, true);
        }
        step.store(s.address() + 8L * word, s.words()[word]);
        forget();
        if (!step.transfer(SID, IOVA, new byte[4], false)) {
            throw new AssertionError(s.name() + " put back, and it does not work");
        }
    }

    private void forget() {
        command(0x04, 31);
        command(0x30, 0);
        step.read(0x9c, 4, -1);
    }

    private void command(long low, long high) {
        step.store(COMMANDS + 16L * (producer & (1 << COMMAND_BITS) - 1), low, high);
        producer = producer + 1 & (2 << COMMAND_BITS) - 1;
        step.write(0x98, 4, producer);
    }

    private void setUp() {
        step.write(0x28, 4, 0xd75);
        step.write(0x2c, 4, 6);
        step.write(0x80, 8, LEVEL1 | 1L << 62);
        step.write(0x88, 4, 1 << 16 | 8 << 6 | 16);
        step.write(0x90, 8, COMMANDS | COMMAND_BITS | 1L << 62);
        step.write(0xa0, 8, EVENTS | EVENT_BITS | 1L << 62);
        step.write(0x50, 4, 5);
        step.write(0x20, 4, 0xc);
        for (Structure s : structures()) {
            step.store(s.address(), s.words());
        }
        forget();
        step.write(0x20, 4, 0xd);
    }
}
