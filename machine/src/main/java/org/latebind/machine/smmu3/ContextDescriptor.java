package org.latebind.machine.smmu3;

import java.util.Arrays;

/** A context descriptor as fetched (Arm IHI 0070, section 5.4). Immutable. */
final class ContextDescriptor {

    private final long[] words;

    ContextDescriptor(long[] words) {
        this.words = words.clone();
    }

    boolean sameAs(long[] others) {
        return Arrays.equals(words, others);
    }

    private int bits(int shift, int mask) {
        return (int) (words[0] >>> shift) & mask;
    }

    boolean valid() {
        return bits(31, 1) != 0;
    }

    boolean aarch64() {
        return bits(41, 1) != 0;
    }

    /** Size field of half 0 or 1. */
    int tsz(int half) {
        return bits(half == 0 ? 0 : 16, 0x3f);
    }

    int granule(int half) {
        return bits(half == 0 ? 6 : 22, 3);
    }

    boolean disabled(int half) {
        return bits(half == 0 ? 14 : 30, 1) != 0;
    }

    boolean bigEndian() {
        return bits(15, 1) != 0;
    }

    int outputSize() {
        return bits(32, 7);
    }

    boolean topByteIgnored(int half) {
        return bits(38 + half, 1) != 0;
    }

    boolean hardwareUpdate() {
        return bits(42, 3) != 0;
    }

    boolean stalls() {
        return bits(44, 1) != 0;
    }

    boolean records() {
        return bits(45, 1) != 0;
    }

    boolean abortsFaults() {
        return bits(46, 1) != 0;
    }

    int asid() {
        return bits(48, 0xffff);
    }

    long table(int half) {
        return words[1 + half] & 0x000f_ffff_ffff_fff0L;
    }

    boolean hierarchicalDisabled(int half) {
        return (words[1 + half] >>> 1 & 1) != 0;
    }

    /** Tells whether a device with these features refuses the descriptor (C_BAD_CD). */
    boolean illegal(Features f, boolean stallDisabled) {
        boolean walks = !disabled(0) || !disabled(1);
        if (!valid() || !aarch64() || f.abortRequired() && !abortsFaults() || walks && !f.endianAllowed(bigEndian())) {
            return true;
        }
        if (hardwareUpdate() && !f.hardwareAccessFlag()) {
            return true;
        }
        boolean stallIllegal = stalls() && (f.stallModel() == 1 || stallDisabled) || !stalls() && f.stallModel() == 2;
        return stallIllegal || halfIllegal(0, f) || halfIllegal(1, f);
    }

    private boolean halfIllegal(int half, Features f) {
        return !disabled(half) && WalkParameters.stage1(this, half, false, f) == null;
    }
}
