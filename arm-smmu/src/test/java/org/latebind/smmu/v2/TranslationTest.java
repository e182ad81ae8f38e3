package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.driver.Bound;
import org.latebind.driver.Errno;
import org.latebind.hardware.DmaResult;
import org.latebind.iommu.FaultHandler;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.iommu.core.Configuration;
import org.latebind.pagetable.Gather;

/** The driver on the model: what masters reach before, during and after an attach. */
class TranslationTest {

    private static final String SMMU = "/iommu@2b400000";
    private static final String A = "/dma@10000000";
    private static final String B = "/dma@10010000";
    private static final String MASTERS = """
            dma@10000000 { compatible = "test,dma"; iommus = <&smmu 0x10>; };
            dma@10010000 { compatible = "test,dma"; iommus = <&smmu 0x20>; };
            """;
    private static final int RW = Protection.READ | Protection.WRITE;

    private static TestBoard board(String compatible, Map<String, String> options, Parameters parameters) {
        return TestBoard.of(TestBoard.smmu("\"" + compatible + "\"", 0x20000, 1, 16, "") + MASTERS, options, parameters);
    }

    private static void unmap(PagingDomain domain, long iova, long size) {
        Gather gather = new Gather();
        assertThat(domain.unmap(iova, size, 1, gather)).isEqualTo(size);
        domain.sync(gather);
    }

    @ParameterizedTest
    @ValueSource(strings = {"arm,mmu-400", "arm,mmu-401", "arm,mmu-500", "arm,smmu-v1", "arm,smmu-v2", "cavium,smmu-v2",
        "nvidia,smmu-500", "qcom,smmu-v2", "marvell,ap806-smmu-500\", \"arm,mmu-500"})
    void aMappedPageIsReachedAndAnUnmappedOneIsNot(String compatible) {
        TestBoard board = board(compatible, Map.of(), Parameters.DEFAULT);
        assertThat(board.probe(SMMU)).isInstanceOf(Bound.class);
        assertThat(board.configure(A)).isInstanceOf(Configuration.Grouped.class);
        PagingDomain domain = board.domain(A);
        long page = board.machine.pages().allocate(4096, 4096, 40);
        board.machine.memory().write64(page, 0x1122334455667788L);
        assertThat(domain.map(0xfffff000L, page, 4096, 1, RW)).isEqualTo(4096);
        byte[] data = new byte[8];
        assertThat(board.machine.master(A).orElseThrow().read(0, 0xfffff000L, data).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
        assertThat(data).containsExactly(0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11);
        assertThat(domain.iovaToPhys(0xfffff123L)).isEqualTo(page + 0x123);
        unmap(domain, 0xfffff000L, 4096);
        assertThat(board.read(A, 0, 0xfffff000L).kind()).isEqualTo(DmaResult.Kind.FAULT);
        assertThat(board.devices.get(SMMU).log).anyMatch(l -> l.contains("Unhandled context fault")
                && l.contains("cbfrsynra=0x10"));
        board.core.release(board.client(A));
        board.unload(SMMU);
        board.machine.pages().free(page, 4096);
        assertThat(board.findings()).isEmpty();
        assertThat(board.machine.pages().allocatedBytes()).isZero();
        assertThat(board.machine.interruptHandlers()).isZero();
    }

    /** Reference: short descriptors for stage 1 of a 32-bit kernel without LPAE, long ones with it, else AArch64. */
    @ParameterizedTest
    @CsvSource({"mmu-401,BITS_32,AARCH32_S,1", "smmu-v2,BITS_32,AARCH32_S,1", "smmu-v2,BITS_32_LPAE,AARCH32_L,1",
        "smmu-v2,BITS_64,AARCH64,1", "mmu-400,BITS_32,AARCH32_L,2", "smmu-v2,BITS_32,AARCH32_L,2"})
    void theFormatFollowsTheKernelAndTheHardwareWalksIt(String part, ContextPlan.Kernel kernel, String format, int stage) {
        TestBoard board = board("arm," + part, Map.of(), new Parameters(true, stage == 2 ? 2 : 0, false, false, kernel));
        board.probe(SMMU);
        board.configure(A);
        PagingDomain domain = board.domain(A);
        assertThat(domain.describe()).endsWith(format).contains("stage " + stage);
        for (long size = 4096; size > 0 && size <= 0x100000; size = Long.lowestOneBit(domain.pageSizes() & -(size << 1))) {
            assertThat(domain.map(0x1000000, 0x81000000L, size, 1, RW)).isEqualTo(size);
            assertThat(board.read(A, 0, 0x1000000 + size - 8).ok()).isTrue();
            assertThat(board.read(A, 0, 0x1000000 + size).ok()).isFalse();
            unmap(domain, 0x1000000, size);
            assertThat(board.read(A, 0, 0x1000000).ok()).isFalse();
        }
        assertThat(board.findings()).isEmpty();
    }

    @Test
    void aReadOnlyPageRefusesWrites() {
        TestBoard board = board("arm,mmu-500", Map.of(), Parameters.DEFAULT);
        board.probe(SMMU);
        board.configure(A);
        board.domain(A).map(0x10000, 0x80000000L, 4096, 1, Protection.READ);
        assertThat(board.read(A, 0, 0x10000).ok()).isTrue();
        DmaResult write = board.machine.master(A).orElseThrow().write(0, 0x10000, new byte[4]);
        assertThat(write.kind()).isEqualTo(DmaResult.Kind.FAULT);
        assertThat(write.detail()).contains("permission fault");
    }

    @Test
    void twoMastersDoNotSeeEachOthersPages() {
        TestBoard board = board("arm,mmu-500", Map.of(), Parameters.DEFAULT);
        board.probe(SMMU);
        board.configure(A);
        board.configure(B);
        board.domain(A).map(0x10000, 0x80000000L, 4096, 1, RW);
        assertThat(board.read(A, 0, 0x10000).ok()).isTrue();
        assertThat(board.read(B, 0, 0x10000).kind()).isEqualTo(DmaResult.Kind.FAULT);
        assertThat(board.findings()).isEmpty();
    }

    @Test
    void aBlockIsReplacedByPagesWithoutAStaleEntry() {
        TestBoard board = board("arm,smmu-v2", Map.of(), Parameters.DEFAULT);
        board.probe(SMMU);
        board.configure(A);
        PagingDomain domain = board.domain(A);
        domain.map(0x200000, 0x80200000L, 0x200000, 1, RW);
        assertThat(board.read(A, 0, 0x234000).ok()).isTrue();
        unmap(domain, 0x200000, 0x200000);
        domain.map(0x234000, 0x80001000L, 4096, 1, RW);
        assertThat(board.read(A, 0, 0x234000).ok()).isTrue();
        assertThat(board.read(A, 0, 0x235000).ok()).isFalse();
        unmap(domain, 0x234000, 4096);
        // The table of the pages is removed under a walk cache that knows it.
        domain.map(0x200000, 0x80200000L, 0x200000, 1, RW);
        assertThat(board.read(A, 0, 0x235000).ok()).isTrue();
        assertThat(board.findings()).isEmpty();
    }

    @Nested
    class Unattached {

        @Test
        void everythingPassesBeforeTheDriverComes() {
            TestBoard board = board("arm,mmu-500", Map.of(), Parameters.DEFAULT);
            assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
        }

        @Test
        void disableBypassAbortsAndNamesTheStream() {
            TestBoard board = board("arm,mmu-500", Map.of(), Parameters.DEFAULT);
            board.probe(SMMU);
            assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(board.devices.get(SMMU).log).anyMatch(l -> l.contains("Stream ID 0x10"));
        }

        @Test
        void bypassAllowedLetsItPass() {
            TestBoard board = board("arm,mmu-500", Map.of(), new Parameters(false, 0, false, false));
            board.probe(SMMU);
            assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
        }

        @Test
        void afterUnloadEverythingPassesAgain() {
            TestBoard board = board("arm,mmu-500", Map.of(), Parameters.DEFAULT);
            board.probe(SMMU);
            board.configure(A);
            board.unload(SMMU);
            assertThat(board.read(A, 0, 0x80000000L).kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
        }
    }

    @Nested
    class Stalls {

        @Test
        void aHeldTransactionIsTriedAgainWhenTheHandlerMapsThePage() {
            TestBoard board = board("arm,smmu-v2", Map.of(), new Parameters(true, 0, false, true));
            board.probe(SMMU);
            board.configure(A);
            PagingDomain domain = board.domain(A);
            List<FaultHandler.Fault> seen = new ArrayList<>();
            assertThat(domain.faultHandler(fault -> {
                seen.add(fault);
                domain.map(fault.iova() & ~0xfffL, 0x80000000L, 4096, 1, RW);
                return FaultHandler.Answer.RETRY;
            })).isTrue();
            assertThat(board.read(A, 0, 0x7000).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(seen).containsExactly(new FaultHandler.Fault(0x10, 0x7000, false, true));
            assertThat(board.findings()).isEmpty();
        }

        @Test
        void aHandlerThatKnowsTheFaultEndsItWithoutAMessage() {
            TestBoard board = board("arm,smmu-v2", Map.of(), new Parameters(true, 0, false, true));
            board.probe(SMMU);
            board.configure(A);
            board.domain(A).faultHandler(fault -> FaultHandler.Answer.TERMINATE);
            assertThat(board.read(A, 0, 0x7000).kind()).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(board.devices.get(SMMU).log).noneMatch(l -> l.contains("Unhandled context fault"));
            board.domain(A).faultHandler(FaultHandler.NONE);
            assertThat(board.read(A, 0, 0x7000).kind()).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(board.devices.get(SMMU).log).anyMatch(l -> l.contains("Unhandled context fault"));
            assertThat(board.findings()).isEmpty();
        }

        @Test
        void aHeldTransactionNobodyKnowsIsTerminated() {
            TestBoard board = board("arm,smmu-v2", Map.of(), new Parameters(true, 0, false, true));
            board.probe(SMMU);
            board.configure(A);
            assertThat(board.read(A, 0, 0x7000).kind()).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(board.read(A, 0, 0x8000).kind()).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(board.findings()).isEmpty();
        }
    }

    @Test
    void aStuckSynchronisationIsReportedAndTheDriverGoesOn() {
        TestBoard board = board("arm,smmu-v2", Map.of("smmu2.sync-stuck", "true"), Parameters.DEFAULT);
        assertThat(board.probe(SMMU)).isInstanceOf(Bound.class);
        assertThat(board.devices.get(SMMU).log).anyMatch(l -> l.contains("TLB sync timed out"));
    }

    @Test
    void aSlowSynchronisationIsAwaited() {
        TestBoard board = board("arm,smmu-v2", Map.of("smmu2.sync-nanos", "250000"), Parameters.DEFAULT);
        board.probe(SMMU);
        board.configure(A);
        PagingDomain domain = board.domain(A);
        domain.map(0x10000, 0x80000000L, 4096, 1, RW);
        assertThat(board.read(A, 0, 0x10000).ok()).isTrue();
        unmap(domain, 0x10000, 4096);
        assertThat(board.read(A, 0, 0x10000).ok()).isFalse();
        assertThat(board.findings()).isEmpty();
    }

    @Test
    void contextsRunOutWithNoSpaceAndTheReasonInTheLog() {
        TestBoard board = TestBoard.of(TestBoard.smmu("\"arm,smmu-v2\"", 0x20000, 1, 1, "") + MASTERS);
        board.probe(SMMU);
        assertThat(board.configure(A)).isInstanceOf(Configuration.Grouped.class);
        assertThat(board.configure(B)).isInstanceOfSatisfying(Configuration.Untranslated.class,
                u -> assertThat(u.errno()).isEqualTo(Errno.ENOSPC));
    }
}
