package org.latebind.smmu.v3;

/** Encodings of commands (Arm IHI 0070, section 4.1). Each writes its two words into a batch. Pure. */
final class Commands {

    static final int SYNC_NONE = 0;
    static final int SYNC_IRQ = 1;
    static final int SYNC_SEV = 2;
    private static final int RESUME_RETRY = 1;
    private static final int RESUME_ABORT = 2;
    private static final long LEAF = 1;
    /** MSIAttr write-back, MSH inner shareable: written into every CMD_SYNC. */
    private static final long SYNC_ATTRIBUTES = 0x0fc0_0000L;
    private static final int ALL_STREAMS = 31;

    private Commands() {
    }

    private static long streamWord(int opcode, int sid) {
        return opcode | Integer.toUnsignedLong(sid) << 32;
    }

    static void prefetchConfig(Batch b, int sid) {
        b.add(streamWord(0x01, sid), 0);
    }

    static void configureStream(Batch b, int sid, boolean leaf) {
        b.add(streamWord(0x03, sid), leaf ? LEAF : 0);
    }

    static void configureAll(Batch b) {
        b.add(0x04, ALL_STREAMS);
    }

    static void configureContext(Batch b, int sid, boolean leaf) {
        b.add(streamWord(0x05, sid), leaf ? LEAF : 0);
    }

    static void invalidateAsid(Batch b, int vmid, int asid) {
        b.add(0x11 | (long) vmid << 32 | (long) asid << 48, 0);
    }

    static void invalidateEl2(Batch b) {
        b.add(0x20, 0);
    }

    static void invalidateMachine(Batch b, int vmid) {
        b.add(0x28 | (long) vmid << 32, 0);
    }

    static void invalidateNonSecure(Batch b) {
        b.add(0x30, 0);
    }

    /**
     * CMD_TLBI_NH_VA or CMD_TLBI_S2_IPA of one page or a range.
     *
     * @param stage1 NH_VA, else S2_IPA
     * @param ttl    level of the leaves, 0 for any
     * @param tg     granule code of a range (1 4K, 2 16K, 3 64K), 0 for one page
     * @param num    pages - 1 in units of 2^scale
     */
    static void invalidateAddress(Batch b, boolean stage1, int vmid, int asid, long address, boolean leaf, int ttl, int tg,
            int num, int scale) {
        long low = (stage1 ? 0x12 : 0x2a) | (long) num << 12 | (long) scale << 20 | (long) vmid << 32
                | (stage1 ? (long) asid << 48 : 0);
        b.add(low, address & -0x1000L | (leaf ? LEAF : 0) | (long) ttl << 8 | (long) tg << 10);
    }

    /** CMD_TLBI_NH_ALL: every translation that has a stage 1, of one virtual machine. */
    static void invalidateStage1(Batch b, int vmid) {
        b.add(0x10 | (long) vmid << 32, 0);
    }

    /** CMD_TLBI_NH_VAA of one page: whatever the ASID. */
    static void invalidateAllAsids(Batch b, int vmid, long address) {
        b.add(0x13 | (long) vmid << 32, address & -0x1000L);
    }

    /** CMD_RESUME: ends the wait of a stalled transaction, tried again or aborted. */
    static void resume(Batch b, int sid, int tag, boolean again) {
        b.add(streamWord(0x44, sid) | (again ? RESUME_RETRY : RESUME_ABORT) << 12, tag);
    }

    /** First word of a CMD_SYNC. */
    static long sync(int signal) {
        return 0x46 | (long) signal << 12 | SYNC_ATTRIBUTES;
    }
}
