package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.driver.Bound;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.GuestStage1;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.NestedDomain;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.iommu.core.StreamClient;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.Registers.Stage1;
import org.latebind.smmu.GuestMemory;

/** A guest's stage 1 in one context bank on a stage 2 of ours in another. */
class NestingTest {

    private static final String SMMU = "/iommu@2b400000";
    private static final String A = "/dma@10000000";
    private static final String MASTER = "dma@10000000 { compatible = \"test,dma\"; iommus = <&smmu 0x10>; };";
    private static final int RW = Protection.READ | Protection.WRITE | Protection.CACHE;
    /** 39 bits, 4 KiB, as the guest's driver would have chosen: TG0 0, SH0 3, ORGN0 1, IRGN0 1. */
    private static final Stage1 GUEST_TABLE = new Stage1(GuestMemory.ROOT, 2, 0, 3, 1, 1, 25, 0xf404ff44L);

    private final TestBoard board;
    private final IommuOps ops;
    private final StreamClient client;
    private final long physical;
    private final PagingDomain parent;
    private final GuestMemory memory;
    private final NestedDomain nested;
    private final RegisterTrace trace = new RegisterTrace(12, 16, false);

    NestingTest() {
        board = TestBoard.of(TestBoard.smmu("\"arm,smmu-v2\"", 0x20000, 1, 4, "") + MASTER, Map.of("smmu2.groups", "3"),
                Parameters.DEFAULT);
        ops = ((Bound) board.probe(SMMU)).iommu();
        board.configure(A);
        client = board.client(A);
        physical = board.machine.pages().allocate(0x10000, 0x10000, 40);
        memory = new GuestMemory(board.machine.memory(), physical);
        board.machine.addListener(trace);
        parent = ops.allocateNestingParent(client);
        assertThat(parent.map(GuestMemory.IPA, physical, 4096, GuestMemory.PAGES, RW)).isEqualTo(0x10000);
        nested = ops.allocateNested(parent, new GuestStage1.ContextBank(GUEST_TABLE, 5));
        assertThat(nested.attach(client)).isNull();
    }

    private Kind write(int value) {
        return board.machine.master(A).orElseThrow().write(0, GuestMemory.IOVA, new byte[] {(byte) value, 0, 0, 0}).kind();
    }

    private void end() {
        nested.detach(client);
        nested.close();
        parent.close();
        board.core.release(client);
        assertThat(board.findings()).isEmpty();
    }

    @Test
    void bothStagesAreWalkedAndTheGuestsInvalidationsCount() {
        assertThat(nested.type()).isEqualTo(DomainType.NESTED);
        assertThat(write(7)).isEqualTo(Kind.TRANSLATED);
        assertThat(memory.read(GuestMemory.DATA)).isEqualTo(7);
        memory.map(GuestMemory.DATA + 0x1000);
        nested.invalidate(GuestMemory.IOVA, 4096, 4096);
        assertThat(write(9)).isEqualTo(Kind.TRANSLATED);
        assertThat(memory.read(GuestMemory.DATA + 0x1000)).isEqualTo(9);
        memory.unmap();
        nested.flushAll();
        assertThat(write(9)).isEqualTo(Kind.FAULT);
        end();
        assertThat(board.machine.pages().allocatedBytes()).as("but the guest's memory").isEqualTo(0x10000);
    }

    @Test
    void whatTheHostTakesAwayIsGoneAtOnce() {
        assertThat(write(7)).isEqualTo(Kind.TRANSLATED);
        Gather gather = new Gather();
        parent.unmap(GuestMemory.IPA + GuestMemory.DATA, 4096, 1, gather);
        parent.sync(gather);
        assertThat(write(8)).isEqualTo(Kind.FAULT);
        end();
    }

    @Test
    void aGuestReachesNothingOutsideItsMemory() {
        memory.map(0x10000);
        assertThat(write(1)).isEqualTo(Kind.FAULT);
        end();
    }

    /** CBAR type 3 names the bank of stage 2 and carries its VMID; the match of the stream leads to the guest's bank. */
    @Test
    void theRegistersSayNested() throws IOException {
        assertThat(write(7)).isEqualTo(Kind.TRANSLATED);
        end();
        List<String> lines = trace.lines();
        assertThat(lines).containsSubsequence("W CBAR1 0x00000002", "W CB1.SCTLR 0x00000067", "W CBAR2 0x00030102",
                "W CB2.SCTLR 0x00001067", "W S2CR0 0x00000002", "W CB2.TLBIASID 0x00000005", "W CB2.SCTLR 0x00000000",
                "W CB1.SCTLR 0x00000000");
        GoldenTracesTest.checkStored("smmu-v2-nested", lines);
    }

    @ParameterizedTest
    @ValueSource(strings = {"arm,mmu-400"})
    void hardwareWithOneStageOffersNoParent(String compatible) {
        TestBoard other = TestBoard.of(TestBoard.smmu("\"" + compatible + "\"", 0x20000, 1, 4, "") + MASTER, Map.of(),
                Parameters.DEFAULT);
        IommuOps single = ((Bound) other.probe(SMMU)).iommu();
        assertThat(single.allocateNestingParent(other.client(A))).isNull();
    }
}
