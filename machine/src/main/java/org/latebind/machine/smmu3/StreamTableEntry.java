package org.latebind.machine.smmu3;

import java.util.Arrays;

/** A stream table entry as fetched (Arm IHI 0070, section 5.2). Immutable. */
final class StreamTableEntry {

    private final long[] words;

    StreamTableEntry(long[] words) {
        this.words = words.clone();
    }

    boolean sameAs(long[] others) {
        return Arrays.equals(words, others);
    }

    boolean valid() {
        return (words[0] & 1) != 0;
    }

    int config() {
        return (int) (words[0] >>> 1) & 7;
    }

    boolean aborts() {
        return (config() & 4) == 0;
    }

    boolean bypasses() {
        return config() == 4;
    }

    boolean stage1() {
        return (config() & 5) == 5;
    }

    boolean stage2() {
        return (config() & 6) == 6;
    }

    int contextFormat() {
        return (int) (words[0] >>> 4) & 3;
    }

    long contextPointer() {
        return words[0] & 0x000f_ffff_ffff_ffc0L;
    }

    int contextBits() {
        return (int) (words[0] >>> 59) & 0x1f;
    }

    /** S1DSS: 0 terminate, 1 bypass stage 1, 2 use context 0. */
    int defaultSubstream() {
        return (int) words[1] & 3;
    }

    boolean stallDisabled() {
        return (words[1] >>> 27 & 1) != 0;
    }

    /** STRW: 0 NS-EL1, 2 EL2. */
    int world() {
        return (int) (words[1] >>> 30) & 3;
    }

    int vmid() {
        return (int) words[2] & 0xffff;
    }

    int s2Tsz() {
        return (int) (words[2] >>> 32) & 0x3f;
    }

    int s2StartCode() {
        return (int) (words[2] >>> 38) & 3;
    }

    int s2Granule() {
        return (int) (words[2] >>> 46) & 3;
    }

    int s2OutputSize() {
        return (int) (words[2] >>> 48) & 7;
    }

    boolean s2Aarch64() {
        return (words[2] >>> 51 & 1) != 0;
    }

    boolean s2BigEndian() {
        return (words[2] >>> 52 & 1) != 0;
    }

    boolean s2AccessFlagDisabled() {
        return (words[2] >>> 53 & 1) != 0;
    }

    boolean s2ProtectsWalks() {
        return (words[2] >>> 54 & 1) != 0;
    }

    boolean s2HardwareUpdate() {
        return (words[2] >>> 55 & 3) != 0;
    }

    boolean s2Stalls() {
        return (words[2] >>> 57 & 1) != 0;
    }

    boolean s2Records() {
        return (words[2] >>> 58 & 1) != 0;
    }

    long s2Table() {
        return words[3] & 0x000f_ffff_ffff_fff0L;
    }

    /** Tells whether a device with these features refuses the entry (C_BAD_STE). */
    boolean illegal(Features f) {
        if (!valid()) {
            return true;
        }
        if (aborts() || bypasses()) {
            return false;
        }
        return stage1() && stage1Illegal(f) || stage2() && stage2Illegal(f);
    }

    private boolean stage1Illegal(Features f) {
        boolean worldIllegal = !stage2() && world() != 0 && !(world() == 2 && f.hyp());
        boolean tableIllegal = contextBits() > f.substreamBits()
                || contextBits() > 0 && contextFormat() != 0 && (!f.twoLevelContexts() || contextFormat() == 3);
        return !f.stage1() || worldIllegal || tableIllegal || stallDisabled() && f.stallModel() != 0;
    }

    private boolean stage2Illegal(Features f) {
        if (!f.stage2() || !s2Aarch64() || !f.endianAllowed(s2BigEndian()) || s2HardwareUpdate() && !f.hardwareAccessFlag()
                || s2Stalls() && f.stallModel() == 1 || !s2Stalls() && f.stallModel() == 2) {
            return true;
        }
        return WalkParameters.stage2(this, f) == null;
    }

    long[] words() {
        return words.clone();
    }
}
