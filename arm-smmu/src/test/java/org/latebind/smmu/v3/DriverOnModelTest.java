package org.latebind.smmu.v3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Mmio;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.pagetable.Gather;

/** The driver on the strict model: what it brings up, what it refuses, what it leaves behind. */
class DriverOnModelTest {

    private static final int RW = Protection.READ | Protection.WRITE | Protection.CACHE;
    private static final int SID = 8;
    private static final int S1_AND_S2 = 0x0d44101b;

    private static Map<String, String> with(String... options) {
        Map<String, String> all = new HashMap<>(Rig.LIKE_QEMU);
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        return all;
    }

    private static void translates(Rig rig) {
        RigClient client = rig.client(SID);
        PagingDomain domain = rig.attach(client);
        long size = Long.lowestOneBit(domain.pageSizes());
        long page = rig.page();
        assertThat(domain.map(0x100000, page, size, 1, RW)).isEqualTo(size);
        assertThat(rig.master(SID).write(0, 0x100010, new byte[] {1, 2, 3, 4}).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
        assertThat(rig.machine.memory().read32(page + 0x10)).isEqualTo(0x04030201);
        Gather gather = new Gather();
        assertThat(domain.unmap(0x100000, size, 1, gather)).isEqualTo(size);
        domain.sync(gather);
        assertThat(rig.master(SID).read(0, 0x100010, new byte[4]).kind()).isEqualTo(DmaResult.Kind.FAULT);
        rig.leave(client, domain);
    }

    @Nested
    class Stages {

        @ParameterizedTest
        @CsvSource({"0,0x0d40101a", "1,0x0d44101b", "2,0x0d44101b", "3,0x0d44101b", "0,0x0d441019", "0,0x0d40301a"})
        void everyOfferedStageTranslatesAndLeavesNoComplaintAndNoMemory(int stage, String idr0) {
            try (Rig rig = Rig.model(with("smmu3.idr0", idr0))) {
                long before = rig.machine.pages().allocatedBytes();
                rig.load(Settings.DEFAULT.withStage(stage));
                translates(rig);
                rig.unload();
                assertThat(rig.rules()).isEmpty();
                assertThat(rig.machine.pages().allocatedBytes()).isEqualTo(before);
                assertThat(rig.driver().asidsInUse()).isZero();
                assertThat(rig.sim().interruptHandlers()).isZero();
            }
        }

        @ParameterizedTest
        @CsvSource({"4,48", "4,39", "16,48", "16,36", "64,48", "64,42", "4,32"})
        void everyGranuleAndDepthTranslatesAtBothStages(int kib, int bits) {
            for (int stage = 1; stage <= 3; stage++) {
                try (Rig rig = Rig.model(with("smmu3.idr0", "0x" + Integer.toHexString(S1_AND_S2)))) {
                    rig.load(Settings.DEFAULT.withTables(kib, bits).withStage(stage));
                    translates(rig);
                    assertThat(rig.rules()).as("stage %d", stage).isEmpty();
                }
            }
        }

        @Test
        void aStageThatIsNotThereGivesNoDomain() {
            try (Rig rig = Rig.model(Rig.LIKE_QEMU)) {
                rig.load(Settings.DEFAULT.withStage(2));
                assertThat(rig.ops().allocate(DomainType.DMA, rig.client(SID))).isNull();
            }
        }

        @Test
        void syncByInterruptAndWithoutRangesAndLinearTableWorkToo() {
            try (Rig rig = Rig.model(with("smmu3.idr0", "0x0540101a", "smmu3.idr3", "0x4", "smmu3.idr1", "0x02730008"))) {
                rig.load(Settings.DEFAULT.withSyncByInterrupt(true));
                translates(rig);
                assertThat(rig.rules()).isEmpty();
            }
        }
    }

    @Nested
    class SyncByMessage {

        private static final long BASE_ADDRESS = 0x000f_ffff_ffff_ffe0L;
        private static final int CMDQ_BASE = 0x90;
        private static final int CMDQ_PROD = 0x98;

        @Test
        void everyCommandBatchEndsWithASyncThatTheHardwareOverwritesInItsOwnSlot() {
            try (Rig rig = Rig.model(with("smmu3.idr0", "0x0d40301a")).load(Settings.DEFAULT)) {
                translates(rig);
                Mmio registers = rig.device.registers(0);
                long base = registers.read64(CMDQ_BASE) & BASE_ADDRESS;
                int mask = (1 << (int) (registers.read64(CMDQ_BASE) & 31)) - 1;
                long slot = base + 16L * (registers.read32(CMDQ_PROD) - 1 & mask);
                PhysicalMemory memory = rig.machine.memory();
                assertThat(memory.read64(slot + 8)).as("the address the message goes to").isEqualTo(slot);
                assertThat(memory.read32(slot)).as("the command, overwritten by the message").isZero();
                assertThat(memory.read32(slot - 16)).as("the command before it is left alone").isNotZero();
                assertThat(rig.rules()).isEmpty();
            }
        }

        @Test
        void aParameterGoesBackToPolling() {
            try (Rig rig = Rig.model(with("smmu3.idr0", "0x0d40301a")).load(Settings.DEFAULT.withDisableMsiPolling(true))) {
                translates(rig);
                Mmio registers = rig.device.registers(0);
                long base = registers.read64(CMDQ_BASE) & BASE_ADDRESS;
                int mask = (1 << (int) (registers.read64(CMDQ_BASE) & 31)) - 1;
                long slot = base + 16L * (registers.read32(CMDQ_PROD) - 1 & mask);
                assertThat(rig.machine.memory().read32(slot) & 0xff).as("CMD_SYNC as it was written").isEqualTo(0x46);
            }
        }
    }

    @Nested
    class Clients {

        @Test
        void streamOfAnotherMasterIsRefusedAndUnknownRangeToo() {
            try (Rig rig = Rig.model(Rig.LIKE_QEMU).load(Settings.DEFAULT)) {
                rig.client(SID);
                assertThat(rig.ops().probe(new RigClient("b", rig.host, "", 9, SID))).isEqualTo(Errno.ENODEV);
                assertThat(rig.ops().probe(new RigClient("c", rig.host, "", 0x10000))).isEqualTo(Errno.ERANGE);
                assertThat(rig.ops().probe(new RigClient("d", rig.host, "", 9, 9))).isNull();
            }
        }

        @Test
        void changingBetweenAllKindsOfDomainsNeverUpsetsTheHardware() {
            try (Rig rig = Rig.model(with("smmu3.idr0", "0x0d44101b")).load(Settings.DEFAULT)) {
                RigClient client = rig.client(SID, 0x300);
                PagingDomain first = rig.attach(client);
                PagingDomain second = rig.attach(client);
                Domain identity = rig.attach(client, DomainType.IDENTITY);
                assertThat(rig.master(SID).write(0, 0x44000000, new byte[4]).kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
                assertThat(rig.master(0x300).write(0, 0x44000000, new byte[4]).kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
                assertThat(first.attach(client)).isNull();
                Domain blocked = rig.attach(client, DomainType.BLOCKED);
                assertThat(rig.master(SID).write(0, 0x44000000, new byte[4]).kind()).isEqualTo(DmaResult.Kind.BLOCKED);
                first.close();
                second.close();
                identity.close();
                rig.leave(client, blocked);
                assertThat(rig.rules()).isEmpty();
            }
        }
    }

    @Nested
    class Refusals {

        @ParameterizedTest
        @CsvSource({"0x0d601018", "0x0d601002", "0x0d601012,"})
        void hardwareThatCannotBeDrivenFailsWithNoDeviceAddressAndLeavesNothing(String idr0) {
            try (Rig rig = Rig.model(with("smmu3.idr0", idr0))) {
                assertThat(rig.tryProbe(Settings.DEFAULT)).isInstanceOfSatisfying(Failed.class,
                        f -> assertThat(f.errno()).isEqualTo(Errno.ENXIO));
                assertThat(rig.machine.pages().allocatedBytes()).isZero();
            }
        }
    }
}
