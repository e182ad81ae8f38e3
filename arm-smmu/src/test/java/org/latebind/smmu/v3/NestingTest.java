package org.latebind.smmu.v3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.FaultHandler;
import org.latebind.iommu.GuestStage1;
import org.latebind.iommu.NestedDomain;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.pagetable.Gather;
import org.latebind.smmu.GuestMemory;

/** A guest's stage 1 on a stage 2 of ours, and transactions that wait for an answer. */
class NestingTest {

    private static final int SID = 8;
    private static final int RW = Protection.READ | Protection.WRITE | Protection.CACHE;
    private static final String BOTH_STAGES = "0x0d44101b";

    private static Rig rig(String idr0) {
        Map<String, String> options = new HashMap<>(Rig.LIKE_QEMU);
        options.put("smmu3.idr0", idr0);
        return Rig.model(options).load(Settings.DEFAULT);
    }

    /** A guest with a device, both stages in use. */
    private static final class Guest implements AutoCloseable {
        final Rig rig = rig(BOTH_STAGES);
        final RigClient client = rig.client(SID);
        final PagingDomain parent = rig.ops().allocateNestingParent(client);
        final long physical = rig.page();
        final GuestMemory memory = new GuestMemory(rig.machine.memory(), physical);
        final NestedDomain nested;

        Guest() {
            assertThat(parent.map(GuestMemory.IPA, physical, 4096, GuestMemory.PAGES, RW)).isEqualTo(0x10000);
            descriptor(1);
            nested = rig.ops().allocateNested(parent, new GuestStage1.ContextDescriptor(GuestMemory.IPA));
            assertThat(nested.attach(client)).isNull();
        }

        /** The guest's context descriptor: 39 bits, 4 KiB pages, 44-bit output. */
        void descriptor(int asid) {
            memory.write(8, GuestMemory.ROOT);
            memory.write(24, 0xf404ff44L);
            memory.write(0, 0xe204_c000_3519L | (long) asid << 48);
        }

        Kind write(long iova, int value) {
            return rig.master(SID).write(0, iova, new byte[] {(byte) value, 0, 0, 0}).kind();
        }

        @Override
        public void close() {
            nested.detach(client);
            nested.close();
            parent.close();
            rig.ops().release(client);
            rig.unload();
            assertThat(rig.rules()).isEmpty();
        }
    }

    @Nested
    class OfAGuest {

        @Test
        void bothStagesAreWalkedAndTheGuestsInvalidationsCount() {
            try (Guest guest = new Guest()) {
                assertThat(guest.parent.type()).isEqualTo(DomainType.UNMANAGED);
                assertThat(guest.nested.type()).isEqualTo(DomainType.NESTED);
                assertThat(guest.write(GuestMemory.IOVA, 7)).isEqualTo(Kind.TRANSLATED);
                assertThat(guest.memory.read(GuestMemory.DATA)).isEqualTo(7);
                guest.memory.map(GuestMemory.DATA + 0x1000);
                guest.nested.invalidate(GuestMemory.IOVA, 4096, 4096);
                assertThat(guest.write(GuestMemory.IOVA, 9)).isEqualTo(Kind.TRANSLATED);
                assertThat(guest.memory.read(GuestMemory.DATA + 0x1000)).isEqualTo(9);
                guest.memory.unmap();
                guest.nested.flushAll();
                assertThat(guest.write(GuestMemory.IOVA, 9)).isEqualTo(Kind.FAULT);
            }
        }

        @Test
        void whatTheHostTakesAwayIsGoneAtOnce() {
            try (Guest guest = new Guest()) {
                assertThat(guest.write(GuestMemory.IOVA, 7)).isEqualTo(Kind.TRANSLATED);
                Gather gather = new Gather();
                guest.parent.unmap(GuestMemory.IPA + GuestMemory.DATA, 4096, 1, gather);
                guest.parent.sync(gather);
                assertThat(guest.write(GuestMemory.IOVA, 8)).isEqualTo(Kind.FAULT);
                assertThat(guest.rig.device.log).anyMatch(l -> l.startsWith("event 0x10 received: 0x0000000800000010 0x0000028"));
            }
        }

        @Test
        void aNewDescriptorIsUsedOnceTheGuestSaidSo() {
            try (Guest guest = new Guest()) {
                assertThat(guest.write(GuestMemory.IOVA, 7)).isEqualTo(Kind.TRANSLATED);
                guest.descriptor(2);
                guest.nested.contextChanged();
                guest.memory.map(GuestMemory.DATA + 0x2000);
                assertThat(guest.write(GuestMemory.IOVA, 5)).isEqualTo(Kind.TRANSLATED);
                assertThat(guest.memory.read(GuestMemory.DATA + 0x2000)).as("another ASID, nothing cached").isEqualTo(5);
            }
        }

        @Test
        void aGuestReachesNothingOutsideItsMemory() {
            try (Guest guest = new Guest()) {
                guest.memory.map(0x10000);
                assertThat(guest.write(GuestMemory.IOVA, 1)).isEqualTo(Kind.FAULT);
            }
        }

        @Test
        void hardwareWithOneStageOffersNoParent() {
            try (Rig rig = rig("0x0d40101a")) {
                assertThat(rig.ops().allocateNestingParent(rig.client(SID))).isNull();
            }
        }

        @Test
        void onlyAParentAndADescriptorMakeANestedDomain() {
            try (Rig rig = rig(BOTH_STAGES)) {
                RigClient client = rig.client(SID);
                PagingDomain plain = (PagingDomain) rig.ops().allocate(DomainType.UNMANAGED, client);
                assertThat(rig.ops().allocateNested(plain, new GuestStage1.ContextDescriptor(0))).isNull();
                assertThat(rig.ops().allocate(DomainType.NESTED, client)).isNull();
            }
        }
    }

    @Nested
    class Stalls {

        /** STALL_MODEL 2: transactions always wait on a fault. */
        private static final String STALL_FORCED = "0x0e40101a";

        @Test
        void aTransactionThatWaitsIsTriedAgainWhenTheHandlerMapsThePage() {
            try (Rig rig = rig(STALL_FORCED)) {
                PagingDomain domain = rig.attach(rig.client(SID));
                long page = rig.page();
                List<FaultHandler.Fault> seen = new ArrayList<>();
                assertThat(domain.faultHandler(fault -> {
                    seen.add(fault);
                    domain.map(fault.iova() & -4096L, page, 4096, 1, RW);
                    return FaultHandler.Answer.RETRY;
                })).isTrue();
                assertThat(rig.master(SID).write(0, 0x7010, new byte[] {5, 0, 0, 0}).kind()).isEqualTo(Kind.TRANSLATED);
                assertThat(rig.machine.memory().read32(page + 0x10)).isEqualTo(5);
                assertThat(seen).containsExactly(new FaultHandler.Fault(SID, 0x7010, true, true));
                assertThat(rig.device.log).noneMatch(l -> l.startsWith("event"));
                assertThat(rig.rules()).isEmpty();
            }
        }

        @Test
        void nobodysTransactionIsAbortedWithAMessageAndAKnownOneWithout() {
            try (Rig rig = rig(STALL_FORCED)) {
                PagingDomain domain = rig.attach(rig.client(SID));
                assertThat(rig.master(SID).read(0, 0x7000, new byte[4]).kind()).isEqualTo(Kind.FAULT);
                assertThat(rig.device.log).anyMatch(l -> l.startsWith("event 0x10 received: 0x0000000800000010 0x0000020880000000"));
                rig.device.log.clear();
                domain.faultHandler(fault -> FaultHandler.Answer.TERMINATE);
                assertThat(rig.master(SID).read(0, 0x7000, new byte[4]).kind()).isEqualTo(Kind.FAULT);
                assertThat(rig.device.log).isEmpty();
                assertThat(rig.rules()).isEmpty();
            }
        }

        @Test
        void aSecondStageStallsToo() {
            try (Rig rig = rig("0x0e441019")) {
                RigClient client = rig.client(SID);
                Domain domain = rig.attach(client, DomainType.DMA);
                long page = rig.page();
                PagingDomain paging = (PagingDomain) domain;
                paging.faultHandler(fault -> {
                    paging.map(fault.iova() & -4096L, page, 4096, 1, RW);
                    return FaultHandler.Answer.RETRY;
                });
                assertThat(rig.master(SID).read(0, 0x9000, new byte[4]).kind()).isEqualTo(Kind.TRANSLATED);
                assertThat(rig.rules()).isEmpty();
            }
        }
    }
}
