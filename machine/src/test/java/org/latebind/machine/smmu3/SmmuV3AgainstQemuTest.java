package org.latebind.machine.smmu3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.latebind.machine.qemu.QemuSetup;

/**
 * The model and QEMU's SMMUv3, done the same random things to: every register, record, pulse, transfer and byte must be equal.
 * A difference prints its seed and the last steps. Counts: {@code -Dlatebind.smmuv3.seeds=N} runs, each of
 * {@code -Dlatebind.smmuv3.steps=N} actions, from seed {@code -Dlatebind.smmuv3.seed=N} on.
 */
class SmmuV3AgainstQemuTest {

    private static final QemuSetup SETUP = new QemuSetup("qemu-system-aarch64", List.of(1, 2, 7, 8, 16, 31), 1024);
    private static final Map<String, String> LIKE_QEMU = Map.of("smmu3.idr0", "0x0d40101a", "smmu3.idr1", "0x02730010",
            "smmu3.idr3", "0x1404", "smmu3.idr5", "0x74", "smmu3.joint-configuration-cache", "true");

    /** Offset, size, bits that exist. Without the message registers: they are not there without IDR0.MSI, and QEMU keeps them. */
    private static final long[][] REGISTERS = {{0x20, 4, 0}, {0x28, 4, 0xfff}, {0x2c, 4, 6}, {0x50, 4, 5}, {0x64, 4, 0},
        {0x80, 8, 0x400f_ffff_ffff_ffc0L}, {0x88, 4, 0x307ff}, {0x90, 8, 0x400f_ffff_ffff_ffffL}, {0x98, 4, 0xfffff},
        {0xa0, 8, 0x400f_ffff_ffff_ffffL}, {0x100a8, 4, 0x800f_ffff}, {0x100ac, 4, 0x800f_ffff}, {0, 4, -1}, {4, 4, -1},
        {8, 4, -1}, {0xc, 4, -1}, {0x10, 4, -1}, {0x14, 4, -1}, {0x18, 4, -1}, {0x1c, 4, -1}, {0x24, 4, -1}, {0x40, 4, -1},
        {0x54, 4, -1}, {0xfe0, 4, -1}};

    /** Commands of features it lacks; QEMU takes them in silence, the architecture calls them illegal. */
    private static final Set<Integer> ACCEPTED_WITHOUT_THEIR_FEATURE = Set.of(0x18, 0x1a, 0x20, 0x21, 0x22, 0x23, 0x28, 0x2a, 0x40, 0x41,
            0x44, 0x45);

    @TestFactory
    Stream<DynamicTest> randomProgramsSeeTheSame() {
        SETUP.unavailable().ifPresent(reason -> Assumptions.abort(reason));
        long first = Long.getLong("latebind.smmuv3.seed", 1);
        return LongStream.range(first, first + Long.getLong("latebind.smmuv3.seeds", 6)).mapToObj(seed ->
                DynamicTest.dynamicTest("seed " + seed, () -> run(seed, Integer.getInteger("latebind.smmuv3.steps", 200))));
    }

    @Test
    void everySingleBitOfEveryStructureMeansTheSame() {
        SETUP.unavailable().ifPresent(reason -> Assumptions.abort(reason));
        try (Specimen qemu = new QemuSpecimen(SETUP)) {
            assertThat(new BitFlips(lockStep(qemu)).run()).isGreaterThan(1000);
        }
    }

    @Test
    void everyOpcodeIsKnownToBothOrIllegalForBoth() {
        SETUP.unavailable().ifPresent(reason -> Assumptions.abort(reason));
        try (Specimen qemu = new QemuSpecimen(SETUP)) {
            LockStep step = lockStep(qemu);
            step.write(0x90, 8, 0x5200_0000L);
            step.write(0x50, 4, 1);
            step.write(0x20, 4, 8);
            int illegal = 0;
            for (int opcode = 0; opcode < 256; opcode++) {
                if (!ACCEPTED_WITHOUT_THEIR_FEATURE.contains(opcode)) {
                    step.store(0x5200_0000L, opcode, 0);
                    step.write(0x98, 4, step.read(0x98, 4, -1) ^ 1);
                    step.read(0x9c, 4, -1);
                    long error = step.read(0x60, 4, -1);
                    step.samePulses();
                    illegal += error != step.read(0x64, 4, -1) ? 1 : 0;
                    step.store(0x5200_0000L, 0x46, 0);
                    step.write(0x64, 4, error);
                    step.read(0x9c, 4, -1);
                }
            }
            assertThat(illegal).isBetween(200, 240);
        }
    }

    /** With the SMMU off, whole or by halves. Reserved bits stay zero, because QEMU keeps some of them. */
    @Test
    void registersKeepTheSameWhateverIsWrittenInWhateverWidth() {
        SETUP.unavailable().ifPresent(reason -> Assumptions.abort(reason));
        long seed = Long.getLong("latebind.smmuv3.seed", 1);
        Random random = new Random(seed);
        try (Specimen qemu = new QemuSpecimen(SETUP)) {
            LockStep step = lockStep(qemu);
            step.note("seed " + seed);
            for (int i = 0; i < 2000; i++) {
                long[] r = REGISTERS[random.nextInt(REGISTERS.length)];
                boolean halves = r[1] == 8 && random.nextBoolean();
                long half = halves ? 4L * random.nextInt(2) : 0;
                int size = halves ? 4 : (int) r[1];
                if (random.nextBoolean()) {
                    step.write(r[0] + half, size, random.nextLong() & r[2] >>> 8 * half & (size == 4 ? 0xffff_ffffL : -1));
                } else {
                    step.read(r[0] + half, size, -1);
                }
            }
        }
    }

    private static LockStep lockStep(Specimen qemu) {
        return new LockStep(new Specimen.Model(new StandAlone(0x4000_0000L, 0x4000_0000L, LIKE_QEMU)), qemu);
    }

    private static void run(long seed, int steps) {
        try (Specimen qemu = new QemuSpecimen(SETUP)) {
            new RandomProgram(lockStep(qemu), seed).run(steps);
        }
    }
}
