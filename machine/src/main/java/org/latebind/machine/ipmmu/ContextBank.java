package org.latebind.machine.ipmmu;

/** The registers of one context. Offsets and bits: IMCTR and neighbours, R-Car Series User's Manual names. */
final class ContextBank {

    static final int IMCTR = 0x00;
    static final int IMCAAR = 0x04;
    static final int IMTTBCR = 0x08;
    static final int IMBUSCR = 0x0C;
    static final int IMTTLBR0 = 0x10;
    static final int IMTTUBR0 = 0x14;
    static final int IMTTLBR1 = 0x18;
    static final int IMTTUBR1 = 0x1C;
    static final int IMSTR = 0x20;
    static final int IMMAIR0 = 0x28;
    static final int IMMAIR1 = 0x2C;
    static final int IMELAR = 0x30;
    static final int IMEUAR = 0x34;
    static final int BANK_BYTES = 0x40;

    static final int IMCTR_MMUEN = 1;
    static final int IMCTR_FLUSH = 1 << 1;
    static final int IMCTR_INTEN = 1 << 2;
    static final int IMCTR_VA64 = 1 << 29;
    /** What a leaf implements. */
    static final int IMCTR_LEAF = 7;

    static final int IMTTBCR_EAE = 1 << 31;
    static final int IMTTBCR_PMB = 1 << 30;

    static final int IMSTR_TF = 1;
    static final int IMSTR_PF = 1 << 1;
    static final int IMSTR_ABORT = 1 << 2;
    static final int IMSTR_MHIT = 1 << 4;
    static final int IMSTR_FAULTS = 0x17;

    /** Which of the three registers that make a table were written since the context last ran. */
    static final int TABLES_ALL = 7;

    final int[] words = new int[BANK_BYTES / Integer.BYTES];
    /** Time at which the running invalidation ends; meaningful while FLUSH reads 1. */
    long flushDoneNanos;
    /** Number of the last write with FLUSH, from the root's counter. */
    long flushSequence;
    int tablesWritten;

    int get(int register) {
        return words[register / Integer.BYTES];
    }

    void set(int register, int value) {
        words[register / Integer.BYTES] = value;
    }

    boolean enabled() {
        return (get(IMCTR) & IMCTR_MMUEN) != 0;
    }

    boolean flushing() {
        return (get(IMCTR) & IMCTR_FLUSH) != 0;
    }

    boolean raised() {
        return (get(IMSTR) & IMSTR_FAULTS) != 0 && (get(IMCTR) & IMCTR_INTEN) != 0;
    }

    long tableBase() {
        return get(IMTTLBR0) & 0xFFFF_F000L | (long) (get(IMTTUBR0) & 0xFF) << 32;
    }

    void reset() {
        java.util.Arrays.fill(words, 0);
        tablesWritten = 0;
        flushSequence = 0;
    }
}
