package org.latebind.smmu.v3;

import java.util.Arrays;
import org.latebind.pagetable.Registers;

/**
 * Values of stream table entries and context descriptors, and which of their bits the hardware looks at (Arm IHI 0070,
 * sections 5.2 and 5.4). Pure; an entry is an array of eight words.
 */
final class TableEntry {

    static final int WORDS = 8;
    static final int BYTES = 64;

    private static final long VALID = 1;
    private static final int CONFIG_BYPASS = 4;
    private static final int CONFIG_S1 = 5;
    private static final int CONFIG_S2 = 6;
    private static final int CONFIG_NESTED = 7;
    private static final long SHCFG_INCOMING = 1L << 44;
    private static final long SHCFG_FIELD = 3L << 44;
    /** S1DSS context 0, fetches of the descriptor inner and outer write-back, inner shareable. */
    private static final long CONTEXT_ATTRIBUTES = 0xd6;
    private static final long STALL_DISABLED = 1L << 27;
    private static final long DSS_FIELD = 3;
    private static final long DSS_BYPASS = 1;
    private static final long S1_WORD0 = 0xf80f_ffff_ffff_fff0L;
    /** S1DSS, CIR, COR, CSH, S1STALLD, EATS, STRW. */
    private static final long S1_WORD1 = 0xff | STALL_DISABLED | 3L << 28 | 3L << 30;
    private static final long EATS = 3L << 28;
    private static final long VMID = 0xffff;
    /** VMID, VTCR, S2AA64, S2ENDI, S2PTW, S2S, S2R. */
    private static final long S2_WORD2 = VMID | 0x7ffffL << 32 | 1L << 51 | 1L << 52 | 1L << 54 | 1L << 57 | 1L << 58;
    private static final long S2_TABLE = 0x000f_ffff_ffff_fff0L;
    private static final long S2_FLAGS = 1L << 51 | 1L << 54 | 1L << 58;
    private static final long CD_VALID = 1L << 31;
    private static final long CD_EPD0 = 1L << 14;
    private static final long CD_EPD1 = 1L << 30;
    /** AA64, record faults, abort on faults, ASID set private to this SMMU. */
    private static final long CD_FLAGS = 1L << 41 | 1L << 45 | 1L << 46 | 1L << 47;
    private static final long CD_STALL = 1L << 44;
    private static final long S2_STALL = 1L << 57;
    private static final long CD_HALF0 = 0x3fff & ~CD_EPD0;

    private TableEntry() {
    }

    /** Everything is aborted, silently. */
    static long[] abort() {
        return words(VALID, 0, 0, 0);
    }

    /** Everything passes. */
    static long[] bypass(Capabilities c) {
        return words(VALID | CONFIG_BYPASS << 1, c.attributeOverride() ? SHCFG_INCOMING : 0, 0, 0);
    }

    /** Stage 1 with a single context descriptor. */
    static long[] stage1(long contextDescriptor, Capabilities c, boolean stalls) {
        return words(VALID | CONFIG_S1 << 1 | contextDescriptor, contextWord(c, stalls), 0, 0);
    }

    /** Stage 2 alone. */
    static long[] stage2(int vmid, Registers.Stage2 table, Capabilities c, boolean stalls) {
        return words(VALID | CONFIG_S2 << 1, c.attributeOverride() ? SHCFG_INCOMING : 0,
                stage2Word(vmid, table) | (stalls ? S2_STALL : 0), table.root());
    }

    /** Stage 1 on top of stage 2. */
    static long[] nested(long contextDescriptor, int vmid, Registers.Stage2 table, Capabilities c, boolean stalls) {
        return words(VALID | CONFIG_NESTED << 1 | contextDescriptor,
                contextWord(c, stalls) | (c.attributeOverride() ? SHCFG_INCOMING : 0),
                stage2Word(vmid, table) | (stalls ? S2_STALL : 0), table.root());
    }

    private static long contextWord(Capabilities c, boolean stalls) {
        // S1STALLD exists only where stalling is a choice.
        return CONTEXT_ATTRIBUTES | (c.stallModel() == 0 && !stalls ? STALL_DISABLED : 0);
    }

    private static long stage2Word(int vmid, Registers.Stage2 table) {
        return vmid | Integer.toUnsignedLong(table.packed() & 0x7ffff) << 32 | S2_FLAGS;
    }

    /** The context descriptor of a stage-1 table. */
    static long[] context(int asid, Registers.Stage1 t, boolean stalls) {
        long low = t.tsz() | (long) t.tg() << 6 | (long) t.irgn() << 8 | (long) t.orgn() << 10 | (long) t.sh() << 12
                | CD_EPD1 | CD_VALID;
        long stall = stalls ? CD_STALL : 0;
        long[] cd = words(low | (long) t.ips() << 32 | CD_FLAGS | stall | (long) asid << 48, t.root(), 0, t.mair());
        return cd;
    }

    private static long[] words(long w0, long w1, long w2, long w3) {
        return new long[] {w0, w1, w2, w3, 0, 0, 0, 0};
    }

    /** Bits of a stream table entry the hardware looks at. */
    static long[] usedStreamBits(long[] entry) {
        long[] used = new long[WORDS];
        used[0] = VALID;
        if ((entry[0] & VALID) == 0) {
            return used;
        }
        used[0] |= 7 << 1;
        int config = (int) (entry[0] >>> 1) & 7;
        if ((config & 4) == 0) {
            return used;
        }
        if (config == CONFIG_BYPASS) {
            used[1] |= SHCFG_FIELD;
        }
        if ((config & 1) != 0) {
            used[0] |= S1_WORD0;
            used[1] |= S1_WORD1;
            used[2] |= VMID;
            if ((entry[1] & DSS_FIELD) == DSS_BYPASS) {
                used[1] |= SHCFG_FIELD;
            }
        }
        if ((config & 2) != 0) {
            used[1] |= EATS | SHCFG_FIELD;
            used[2] |= S2_WORD2;
            used[3] |= S2_TABLE;
        }
        return used;
    }

    /** Bits of a context descriptor the hardware looks at. */
    static long[] usedContextBits(long[] entry) {
        long[] used = new long[WORDS];
        used[0] = CD_VALID;
        if ((entry[0] & CD_VALID) == 0) {
            return used;
        }
        Arrays.fill(used, -1L);
        if ((entry[0] & CD_EPD0) != 0) {
            used[0] &= ~CD_HALF0;
            used[1] = 0;
        }
        return used;
    }

    /** The entry with which a disruptive change of a stream begins: legal, aborting, no event. */
    static long quietWord() {
        return VALID;
    }
}
