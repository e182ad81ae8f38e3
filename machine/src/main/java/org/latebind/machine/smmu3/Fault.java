package org.latebind.machine.smmu3;

/**
 * One event record in the making (Arm IHI 0070, section 7.3).
 *
 * @param type     event id
 * @param word1    flags of translation events: RnW bit 35, S2 bit 39, CLASS 41:40
 * @param address  word 2: input address
 * @param word3    IPA or fetch address
 * @param recorded whether the configuration wants it recorded
 */
record Fault(int type, long word1, long address, long word3, boolean recorded) {

    static final int C_BAD_STREAMID = 0x02;
    static final int F_STE_FETCH = 0x03;
    static final int C_BAD_STE = 0x04;
    static final int F_STREAM_DISABLED = 0x06;
    static final int C_BAD_SUBSTREAMID = 0x08;
    static final int F_CD_FETCH = 0x09;
    static final int C_BAD_CD = 0x0a;
    static final int F_WALK_EABT = 0x0b;
    static final int F_TRANSLATION = 0x10;
    static final int F_ADDR_SIZE = 0x11;
    static final int F_ACCESS = 0x12;
    static final int F_PERMISSION = 0x13;

    static final int CLASS_CD = 0;
    static final int CLASS_WALK = 1;
    static final int CLASS_INPUT = 2;

    private static final long STALL = 1L << 31;
    private static final long RNW = 1L << 35;
    private static final long STAGE2 = 1L << 39;
    private static final long ADDRESS_FIELD = 0x000f_ffff_ffff_f000L;

    static Fault configuration(int type) {
        return new Fault(type, 0, 0, 0, true);
    }

    static Fault fetch(int type, long fetchAddress) {
        return new Fault(type, 0, 0, fetchAddress, true);
    }

    /** A fault of the walk itself, before it is known who asked; {@link #forInput} completes it. */
    static Fault walk(int type, long word3) {
        return new Fault(type, 0, 0, word3, true);
    }

    Fault forInput(long input, boolean write, int klass, boolean record) {
        int effectiveClass = type == F_WALK_EABT ? CLASS_WALK : klass;
        return new Fault(type, word1 | (write ? 0 : RNW) | (long) effectiveClass << 40, input, word3,
                record || type == F_WALK_EABT);
    }

    /** Marks a fault of stage 2 on an intermediate address. */
    Fault stage2(long ipa) {
        return new Fault(type, word1 | STAGE2, address, type == F_WALK_EABT ? word3 : ipa & ADDRESS_FIELD, recorded);
    }

    /** Marks an event whose transaction waits under a tag. */
    Fault stalled(int tag) {
        return new Fault(type, word1 | STALL | tag, address, word3, true);
    }

    boolean ofStage2() {
        return (word1 & STAGE2) != 0;
    }

    /** Tells whether the fault is one of translation, which software may repair while the transaction waits. */
    boolean mayStall() {
        return type >= F_TRANSLATION && type <= F_PERMISSION;
    }

    String label() {
        return switch (type) {
            case C_BAD_STREAMID -> "C_BAD_STREAMID";
            case F_STE_FETCH -> "F_STE_FETCH";
            case C_BAD_STE -> "C_BAD_STE";
            case F_STREAM_DISABLED -> "F_STREAM_DISABLED";
            case C_BAD_SUBSTREAMID -> "C_BAD_SUBSTREAMID";
            case F_CD_FETCH -> "F_CD_FETCH";
            case C_BAD_CD -> "C_BAD_CD";
            case F_WALK_EABT -> "F_WALK_EABT";
            case F_TRANSLATION -> "F_TRANSLATION";
            case F_ADDR_SIZE -> "F_ADDR_SIZE";
            case F_ACCESS -> "F_ACCESS";
            case F_PERMISSION -> "F_PERMISSION";
            default -> "event 0x" + Integer.toHexString(type);
        };
    }
}
