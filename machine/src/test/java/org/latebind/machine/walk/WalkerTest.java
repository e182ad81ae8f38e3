package org.latebind.machine.walk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.latebind.machine.memory.SparseMemory;
import org.latebind.machine.walk.WalkResult.Fault;

/** Rules of the architecture that no driver here makes use of, so that the encoder cannot show them. */
class WalkerTest {

    private static final long ROOT = 0x8000_0000L;
    private static final long TABLE2 = 0x8000_1000L;
    private static final long TABLE3 = 0x8000_2000L;
    /** Valid page, access flag, unprivileged read and write. */
    private static final long PAGE = 0x443L;

    private final SparseMemory memory = new SparseMemory(ROOT, 0x10_0000);
    private final LongWalk walk = LongWalk.stage1(ROOT, 12, 39, 40);

    private void chain(long rootBits, long middleBits, long leaf) {
        memory.write64(ROOT, TABLE2 | 3 | rootBits);
        memory.write64(TABLE2, TABLE3 | 3 | middleBits);
        memory.write64(TABLE3, leaf);
    }

    private Fault fault(WalkConfig config, Access access) {
        return Walker.walk(memory, config, 0, access).fault();
    }

    @Test
    void aReadOnlyTableTakesTheRightToWriteFromAllBelow() {
        chain(1L << 62, 0, PAGE | 0x9000);
        assertThat(fault(walk, Access.READ)).isEqualTo(Fault.NONE);
        assertThat(fault(walk, Access.PRIVILEGED_WRITE)).isEqualTo(Fault.PERMISSION);
    }

    @Test
    void aPrivilegedTableTakesUnprivilegedRights() {
        chain(0, 1L << 61, PAGE | 0x9000);
        assertThat(fault(walk, Access.READ)).isEqualTo(Fault.PERMISSION);
        assertThat(fault(walk, Access.PRIVILEGED_WRITE)).isEqualTo(Fault.NONE);
    }

    @Test
    void executeNeverAndNonSecureAreInherited() {
        chain(1L << 63, 1L << 60, PAGE | 0x9080);
        assertThat(fault(walk, new Access(false, false, true))).isEqualTo(Fault.PERMISSION);
        assertThat(fault(walk, new Access(false, true, true))).isEqualTo(Fault.NONE);
        assertThat(Walker.walk(memory, walk, 0, Access.READ).attributes().nonSecure()).isTrue();
        chain(0, 0, PAGE | 0x9000);
        assertThat(fault(walk, new Access(false, true, true))).as("unprivileged may write").isEqualTo(Fault.PERMISSION);
    }

    @Test
    void faultsTellLevelAndDescriptorAddress() {
        chain(0, 0, 0);
        WalkResult found = Walker.walk(memory, walk, 0x5000, Access.READ);
        assertThat(found.fault()).isEqualTo(Fault.TRANSLATION);
        assertThat(found.level()).isEqualTo(3);
        assertThat(found.descriptorAddress()).isEqualTo(TABLE3 + 0x28);
        assertThat(Walker.walk(memory, walk, 1L << 39, Access.READ).level()).isZero();
    }

    @Test
    void aBlockAtTheLastLevelOrAtALevelWithoutBlocksIsNoLeaf() {
        chain(0, 0, PAGE & ~2L | 0x9000);
        assertThat(fault(walk, Access.READ)).isEqualTo(Fault.TRANSLATION);
        memory.write64(ROOT, 0x441);
        assertThat(fault(LongWalk.stage1(ROOT, 14, 47, 48), Access.READ)).isEqualTo(Fault.TRANSLATION);
    }

    @Test
    void addressesBeyondTheOutputSizeAreAnAddressSizeFaultAtTheirLevel() {
        chain(0, 0, PAGE | 1L << 40);
        assertThat(fault(walk, Access.READ)).isEqualTo(Fault.ADDRESS_SIZE);
        memory.write64(ROOT, TABLE2 | 3 | 1L << 41);
        assertThat(Walker.walk(memory, walk, 0, Access.READ).level()).isEqualTo(1);
    }

    @Test
    void aTableThatIsNoMemoryIsAnExternalAbort() {
        memory.write64(ROOT, 0x4000_0003L);
        WalkResult found = Walker.walk(memory, walk, 0, Access.READ);
        assertThat(found.fault()).isEqualTo(Fault.EXTERNAL_ABORT);
        assertThat(found.level()).isEqualTo(2);
        assertThat(found.descriptorAddress()).isEqualTo(0x4000_0000L);
    }

    @Test
    void anInconsistentStage2StartLevelIsATranslationFault() {
        assertThat(fault(LongWalk.stage2(ROOT, 12, 48, 2, 48), Access.READ)).isEqualTo(Fault.TRANSLATION);
    }

    @Test
    void theAccessFlagIsSetInMemoryOrItsAbsenceFaults() {
        chain(0, 0, 0x9043);
        assertThat(fault(walk, Access.READ)).isEqualTo(Fault.ACCESS_FLAG);
        assertThat(memory.read64(TABLE3)).isEqualTo(0x9043);
        assertThat(fault(walk.withUpdates(true, false), Access.READ)).isEqualTo(Fault.NONE);
        assertThat(memory.read64(TABLE3)).isEqualTo(0x9443);
    }

    @Test
    void aWriteToACleanPageMakesItDirty() {
        long clean = 0x94c3L | 1L << 51;
        chain(0, 0, clean);
        assertThat(fault(walk, Access.WRITE)).isEqualTo(Fault.PERMISSION);
        assertThat(fault(walk.withUpdates(true, true), Access.READ)).isEqualTo(Fault.NONE);
        assertThat(memory.read64(TABLE3)).isEqualTo(clean);
        assertThat(fault(walk.withUpdates(true, true), Access.WRITE)).isEqualTo(Fault.NONE);
        assertThat(memory.read64(TABLE3)).isEqualTo(clean & ~0x80L);
    }

    @Test
    void the32BitFormatUsesThreeBitsOfT0szAndSplitsBetweenTwoRoots() {
        chain(0, 0, PAGE | 0x9000);
        memory.write64(TABLE2 + 0xff8, 0x0060_0441L);
        assertThat(fault(LongWalk.aarch32Stage1(ROOT, 32), Access.READ)).as("a written 32 reads as 0").isEqualTo(Fault.NONE);
        LongWalk split = LongWalk.aarch32Stage1(ROOT, 1).withUpper(LongWalk.Region.stage1(TABLE2, 12, 30));
        assertThat(Walker.walk(memory, split, 0x123, Access.READ).address()).isEqualTo(0x9123);
        assertThat(Walker.walk(memory, split, 0xffff_ffffL, Access.READ).address()).isEqualTo(0x7f_ffffL);
        assertThat(Walker.walk(memory, split, 0x9000_0000L, Access.READ).fault()).isEqualTo(Fault.TRANSLATION);
    }

    /** Stage 2: the first 2 MiB of intermediate addresses lie at the root's memory. */
    private LongWalk second() {
        memory.write64(0x8000_8000L, 0x8000_9003L);
        memory.write64(0x8000_9000L, ROOT | 0x4c1);
        return LongWalk.stage2(0x8000_8000L, 12, 39, 1, 40);
    }

    @Test
    void tableAddressesOfStage1GoThroughStage2() {
        memory.write64(ROOT, 0x1003);
        memory.write64(TABLE2, 0x2003);
        memory.write64(TABLE3, 0x5000 | PAGE);
        WalkResult found = Walker.walkNested(memory, LongWalk.stage1(0, 12, 39, 40), second(), 0x12, Access.WRITE);
        assertThat(found.address()).isEqualTo(ROOT + 0x5012);
        assertThat(found.pageBytes()).isEqualTo(0x1000);
        memory.write64(ROOT, 0x4000_0003L);
        WalkResult outside = Walker.walkNested(memory, LongWalk.stage1(0, 12, 39, 40), second(), 0, Access.READ);
        assertThat(outside.fault()).isEqualTo(Fault.TRANSLATION);
        assertThat(outside.stage()).isEqualTo(2);
    }

    @Test
    void shortDescriptorsSplitReachBeyond32BitsAndCheckTheAccessFlag() {
        memory.write32(ROOT, 0x0010_0c12);
        memory.write32(0x8000_4000L + 4 * 0xfff, 0x0020_0c12);
        ShortWalk split = new ShortWalk(ROOT, 0x8000_4000L, 1, false);
        assertThat(Walker.walk(memory, split, 0x123, Access.READ).address()).isEqualTo(0x10_0123);
        assertThat(Walker.walk(memory, split, 0xfff0_0456L, Access.READ).address()).isEqualTo(0x20_0456);
        memory.write32(ROOT, 0x0174_0c02 | 0x20);
        assertThat(Walker.walk(memory, ShortWalk.of(ROOT), 0xf_3456, Access.READ).address()).isEqualTo(0x17_010f_3456L);
        memory.write32(ROOT, 0x0010_0802);
        assertThat(fault(ShortWalk.of(ROOT), Access.READ)).isEqualTo(Fault.ACCESS_FLAG);
    }
}
