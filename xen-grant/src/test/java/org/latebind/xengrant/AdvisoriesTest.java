package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.internal.xen.KeptGrants;
import org.latebind.machine.memory.MemoryRange;
import org.latebind.machine.xen.CopyRequest;
import org.latebind.machine.xen.CopyRequest.Side;
import org.latebind.machine.xen.DomainSpec;
import org.latebind.machine.xen.GrantStatus;
import org.latebind.machine.xen.HostileFrontend;
import org.latebind.machine.xen.MapRequest;
import org.latebind.machine.xen.UnmapRequest;

/**
 * One regression test for each security advisory and each known bug that touches grant tables, by its id.
 * {@link AssignmentAdvisoriesTest} has those about the ownership of devices, {@link DeferredProbeStoryTest} those of the boot
 * (2062f9fb, b09796d5), {@link GrantScenariosTest} 77be00f1.
 */
class AdvisoriesTest {

    private final ReentrantLock lock = new ReentrantLock();
    private final XenBench bench = bench(false);
    private final EntryLayout entries = EntryLayout.of(1, bench.memory, XenBench.WINDOW, 0);

    private XenBench bench(boolean versionTwo) {
        return new XenBench(XenBench.sparse(), lock, DomainSpec.guest(1, List.of(XenBench.RAM), XenBench.WINDOW), versionTwo);
    }

    private int unmap(int backend, int handle, int slot) {
        return bench.xen.unmap(backend, UnmapRequest.host(XenBench.THERE + slot * 4096L, handle)).code();
    }

    private static void together(int threads, java.util.function.IntConsumer body) throws Exception {
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int number = t;
            all.add(new Thread(() -> {
                try {
                    start.await();
                    body.accept(number);
                } catch (Exception | AssertionError e) {
                    failures.add(e);
                }
            }));
        }
        all.forEach(Thread::start);
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    @Nested
    class Mapping {

        @Test
        void xsa218ofTwoConcurrentUnmapsOfAHandleOneSucceeds() throws Exception {
            for (int round = 0; round < 200; round++) {
                entries.grant(8, 2, 0x40100, false);
                int handle = bench.map(2, 8, false, 0).handle();
                List<Integer> statuses = Collections.synchronizedList(new ArrayList<>());
                together(2, t -> statuses.add(unmap(2, handle, 0)));
                assertThat(statuses).containsExactlyInAnyOrder(0, -4);
                assertThat(bench.xen.pageReferences(0x40100)).isZero();
            }
        }

        @Test
        void xsa224anUnmapWithoutTheHostAddressLeavesTheHostMapping() {
            entries.grant(8, 2, 0x40100, false);
            MapRequest.Result mapped = bench.map(2, 8, false, 0);
            assertThat(bench.xen.unmap(2, new UnmapRequest(0, mapped.deviceBusAddress(), mapped.handle())))
                    .isEqualTo(GrantStatus.OKAY);
            assertThat(bench.flags(8)).isEqualTo(0x19);
            assertThat(bench.xen.unmap(2, new UnmapRequest(XenBench.THERE, 0x1000, mapped.handle())))
                    .isEqualTo(GrantStatus.BAD_DEV_ADDR);
            assertThat(bench.xen.map(2, new MapRequest(1, 8, 0, MapRequest.DEVICE_MAP)).status())
                    .isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(unmap(2, mapped.handle(), 0)).isZero();
        }

        @Test
        void aWritableHandleCannotBeGivenBackWithTheAddressOfAReadOnlyMapping() {
            entries.grant(8, 2, 0x40100, false);
            int writable = bench.map(2, 8, false, 0).handle();
            bench.map(2, 8, true, 1);
            assertThat(unmap(2, writable, 1)).isEqualTo(-1);
            assertThat(bench.flags(8)).isEqualTo(0x19);
            assertThat(unmap(2, writable, 0)).isZero();
            assertThat(bench.xen.write(2, XenBench.THERE + 4096, new byte[1])).contains("permission fault");
        }

        @Test
        void xsa228noHandleIsGivenToTwoThreads() throws Exception {
            for (int ref = 8; ref < 16; ref++) {
                entries.grant(ref, 2, 0x40100 + ref, false);
            }
            Set<Integer> live = Collections.synchronizedSet(new HashSet<>());
            together(4, t -> {
                for (int i = 0; i < 500; i++) {
                    int handle = bench.map(2, 8 + t, true, t).handle();
                    assertThat(live.add(handle)).as("handle %d", handle).isTrue();
                    live.remove(handle);
                    assertThat(unmap(2, handle, t)).isZero();
                }
            });
            assertThat(bench.xen.handlesInUse(2)).isZero();
        }

        @Test
        void xsa236thePageIsReleasedAfterThePin() {
            entries.grant(8, 2, 0x40100, false);
            int handle = bench.map(2, 8, false, 0).handle();
            bench.xen.destroy(1);
            assertThat(bench.xen.exists(1)).as("its page is in use").isTrue();
            assertThat(bench.xen.pageReferences(0x40100)).isEqualTo(1);
            assertThat(bench.xen.write(2, XenBench.THERE, new byte[] {1})).isNull();
            assertThat(unmap(2, handle, 0)).isZero();
            assertThat(bench.xen.exists(1)).isFalse();
        }

        @Test
        void xsa295aGuestThatNeverHoldsStillCostsFiveTries() {
            HostileFrontend.Flipping flipping = new HostileFrontend.Flipping(XenBench.sparse(), XenBench.WINDOW + 64);
            XenBench hostile = new XenBench(flipping, lock, DomainSpec.guest(1, List.of(XenBench.RAM), XenBench.WINDOW), false);
            EntryLayout.of(1, hostile.memory, XenBench.WINDOW, 0).grant(8, 2, 0x40100, false);
            flipping.start();
            assertThat(hostile.map(2, 8, false, 0).status()).isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(flipping.attempts()).isEqualTo(5);
        }

        @Test
        void xsa295aGuestThatFlipsWhileXenTakesItsBitsBackIsStopped() {
            HostileFrontend.Flipping flipping = new HostileFrontend.Flipping(XenBench.sparse(), XenBench.WINDOW + 64);
            XenBench hostile = new XenBench(flipping, lock, DomainSpec.guest(1, List.of(XenBench.RAM), XenBench.WINDOW), false);
            EntryLayout.of(1, hostile.memory, XenBench.WINDOW, 0).grant(8, 2, 0x40100, false);
            int handle = hostile.map(2, 8, false, 0).handle();
            flipping.start();
            assertThat(hostile.xen.unmap(2, UnmapRequest.host(XenBench.THERE, handle))).isEqualTo(GrantStatus.OKAY);
            assertThat(hostile.xen.crashed(1)).contains("grant 8");
            assertThat(hostile.findings).singleElement().satisfies(f -> assertThat(f.rule()).isEqualTo("xen-domain-crashed"));
        }

        @Test
        void xsa301anAddressBeyondTheP2mIsRefusedAndNothingIsEntered() {
            entries.grant(8, 2, 0x40100, false);
            assertThat(bench.xen.map(2, MapRequest.host(1, 8, 1L << 40, false)).status()).isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(bench.xen.map(2, MapRequest.host(1, 8, 1L << 40 | XenBench.THERE, false)).status())
                    .isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(bench.xen.foreignMappings(2)).isZero();
            assertThat(bench.flags(8)).as("the in-use bits are back").isEqualTo(1);
            assertThat(bench.xen.handlesInUse(2)).isZero();
        }

        @Test
        void xsa316everyFailureIsNegative() {
            for (int flags = 0; flags < 32; flags++) {
                for (int ref : new int[] {-1, 0, 8, 511, 512, Integer.MAX_VALUE}) {
                    for (int domid : new int[] {0, 1, 2, 9, 0x7FF0, 0xFFFF}) {
                        MapRequest.Result result = bench.xen.map(3, new MapRequest(domid, ref, XenBench.THERE, flags));
                        assertThat(result.status().code()).isNegative();
                        assertThat(result.handle()).isEqualTo(-1);
                    }
                }
            }
            assertThat(bench.xen.handlesInUse(3)).isZero();
        }

        @Test
        void xsa393anEntryIsAllZeroAfterItsUnmap() {
            entries.grant(8, 2, 0x40100, true);
            int handle = bench.map(2, 8, true, 0).handle();
            assertThat(bench.xen.descriptor(2, XenBench.THERE)).isEqualTo(0x04C0_0000_4010_077FL);
            unmap(2, handle, 0);
            assertThat(bench.xen.descriptor(2, XenBench.THERE)).isZero();
            assertThat(bench.xen.read(2, XenBench.THERE, new byte[1])).contains("translation fault");
        }

        @Test
        void xsa409anEmptyPoolOfTablesFailsTheMapAndUndoesIt() {
            bench.xen.create(DomainSpec.backend(5).withMappingLimits(4, 1, 1));
            entries.grant(8, 5, 0x40100, false);
            assertThat(bench.map(5, 8, false, 0).status()).isEqualTo(GrantStatus.OKAY);
            assertThat(bench.map(5, 8, false, 1 << 9).status()).isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(bench.map(5, 8, false, 1).status()).as("same table page").isEqualTo(GrantStatus.OKAY);
            assertThat(bench.xen.handlesInUse(5)).isEqualTo(2);
        }

        @Test
        void xsa410nothingNewIsMappedOfADyingDomain() {
            entries.grant(8, 2, 0x40100, false);
            entries.grant(9, 2, 0x40101, false);
            bench.map(2, 8, false, 0);
            bench.xen.destroy(1);
            assertThat(bench.map(2, 9, false, 1).status()).isEqualTo(GrantStatus.GENERAL_ERROR);
        }

        @Test
        void xsa473mapsAndUnmapsOfOnePageDoNotDisturbEachOther() throws Exception {
            entries.grant(8, 2, 0x40100, false);
            together(4, t -> {
                for (int i = 0; i < 300; i++) {
                    MapRequest.Result result = bench.map(2, 8, t % 2 == 0, t);
                    assertThat(result.status()).isEqualTo(GrantStatus.OKAY);
                    assertThat(result.deviceBusAddress()).isEqualTo(XenBench.P);
                    assertThat(unmap(2, result.handle(), t)).isZero();
                }
            });
            assertThat(bench.flags(8)).isEqualTo(1);
        }

        @Test
        void xsa380and394theIdentityMappingOfDom0IsCountedExactly() {
            entries.grant(8, 0, 0x40100, false);
            int reader = bench.map(0, 8, true, 0).handle();
            assertThat(bench.xen.identityAccess(0, 0x40100)).isEqualTo("ro");
            int writer = bench.map(0, 8, false, 1).handle();
            assertThat(bench.xen.identityAccess(0, 0x40100)).isEqualTo("rw");
            assertThat(bench.xen.unmap(0, new UnmapRequest(0, 0, writer))).as("asks for nothing").isEqualTo(GrantStatus.OKAY);
            assertThat(bench.xen.identityAccess(0, 0x40100)).isEqualTo("rw");
            assertThat(unmap(0, writer, 1)).isZero();
            assertThat(bench.xen.identityAccess(0, 0x40100)).isEqualTo("ro");
            assertThat(unmap(0, reader, 0)).isZero();
            assertThat(bench.xen.identityAccess(0, 0x40100)).isEmpty();
        }
    }

    @Nested
    class Copying {

        @Test
        void xsa230aCopyLeavesTheBitsOfAMapping() {
            entries.grant(8, 2, 0x40100, false);
            int handle = bench.map(2, 8, false, 0).handle();
            assertThat(bench.xen.copy(2, new CopyRequest(Side.grant(1, 8, 0), Side.grant(1, 8, 100), 50)))
                    .isEqualTo(GrantStatus.OKAY);
            assertThat(bench.flags(8)).isEqualTo(0x19);
            assertThat(unmap(2, handle, 0)).isZero();
            assertThat(bench.flags(8)).isEqualTo(1);
        }

        @Test
        void xsa318everyElementOfABatchHasAStatus() {
            List<UnmapRequest> batch = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                entries.grant(8 + i, 2, 0x40100 + i, false);
                int handle = i % 3 == 0 ? 1000 + i : bench.map(2, 8 + i, false, i).handle();
                batch.add(UnmapRequest.host(XenBench.THERE + i * 4096L, handle));
            }
            List<GrantStatus> statuses = bench.xen.unmapAll(2, batch);
            for (int i = 0; i < 40; i++) {
                assertThat(statuses.get(i)).isEqualTo(i % 3 == 0 ? GrantStatus.BAD_HANDLE : GrantStatus.OKAY);
            }
        }

        @Test
        void xsa500aCopyOfAPinnedGrantWhoseFrameWasEditedIsRefused() {
            entries.grant(8, 2, 0x40100, false);
            entries.grant(9, 2, 0x40102, false);
            bench.map(2, 8, false, 0);
            bench.memory.write32(XenBench.WINDOW + 8 * 8 + 4, 0x40101);
            assertThat(bench.xen.copy(2, new CopyRequest(Side.grant(1, 8, 0), Side.grant(1, 9, 0), 16)))
                    .isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(bench.xen.pinnedGrants(1)).isEqualTo(1);
        }

        @Test
        void copiesStayWithinPagesAndRights() {
            entries.grant(8, 2, 0x40100, true);
            entries.grant(9, 2, 0x40101, false);
            assertThat(bench.xen.copy(2, new CopyRequest(Side.grant(1, 8, 4000), Side.grant(1, 9, 0), 97)))
                    .isEqualTo(GrantStatus.BAD_COPY_ARG);
            assertThat(bench.xen.copy(2, new CopyRequest(Side.grant(1, 9, 0), Side.grant(1, 8, 0), 16)))
                    .as("into a read-only grant").isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(bench.xen.copy(2, new CopyRequest(Side.own(1, 0x40100, 0), Side.grant(1, 9, 0), 16)))
                    .as("a foreign page without a grant").isEqualTo(GrantStatus.PERMISSION_DENIED);
            assertThat(bench.xen.copy(2, new CopyRequest(Side.grant(9, 8, 0), Side.grant(1, 9, 0), 16)))
                    .isEqualTo(GrantStatus.BAD_DOMAIN);
            assertThat(bench.xen.pinnedGrants(1)).isZero();
        }
    }

    /** Tables of version 2, which only an x86 hypervisor allows. */
    @Nested
    class VersionTwo {

        private final XenBench x86 = bench(true);

        private void entry(long table, int ref, int flags, int domid, int union, long frame) {
            x86.memory.write16(table + ref * 16L + 2, domid);
            x86.memory.write32(table + ref * 16L + 4, union);
            x86.memory.write64(table + ref * 16L + 8, frame);
            x86.memory.write16(table + ref * 16L, flags);
        }

        private GrantStatus copyFrom(int ref) {
            x86.xen.create(DomainSpec.guest(6, List.of(new MemoryRange(0x4300_0000L, 4096)), 0x3880_0000L));
            return x86.xen.copy(6, new CopyRequest(Side.grant(1, ref, 0), Side.own(6, 0x43000, 0), 16));
        }

        @Test
        void xsa226aTransitiveGrantGoesOneStepAndNeverToItself() {
            assertThat(x86.platform.setVersion(2)).isZero();
            long far = 0x3840_0000L;
            x86.xen.create(DomainSpec.guest(7, List.of(new MemoryRange(0x4200_0000L, 8192)), far));
            assertThat(x86.xen.setVersion(7, 2)).isZero();
            entry(far, 8, 1, 1, 0, 0x42000);
            entry(far, 9, 3, 1, 1, 8);
            entry(XenBench.WINDOW, 8, 3, 6, 7, 8);
            entry(XenBench.WINDOW, 9, 3, 6, 1, 9);
            entry(XenBench.WINDOW, 10, 3, 6, 7, 9);
            assertThat(copyFrom(8)).isEqualTo(GrantStatus.OKAY);
            assertThat(copyFrom(9)).as("itself").isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(copyFrom(10)).as("two steps").isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(x86.xen.map(6, MapRequest.host(1, 8, XenBench.THERE, true)).status()).as("never mappable")
                    .isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(x86.xen.pinnedGrants(1) + x86.xen.pinnedGrants(7)).isZero();
        }

        @Test
        void xsa411theLockIsFreeAfterATransitiveCopyThatFails() {
            assertThat(x86.platform.setVersion(2)).isZero();
            entry(XenBench.WINDOW, 8, 3, 6, 99, 8);
            assertThat(copyFrom(8)).isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(lock.isLocked()).isFalse();
        }

        @Test
        void xsa255theVersionStaysWhileAGrantIsMapped() {
            assertThat(x86.platform.setVersion(2)).isZero();
            entry(XenBench.WINDOW, 8, 1, 2, 0, 0x40100);
            int handle = x86.map(2, 8, false, 0).handle();
            assertThat(x86.platform.setVersion(1)).isEqualTo(-16);
            x86.xen.unmap(2, UnmapRequest.host(XenBench.THERE, handle));
            assertThat(x86.platform.setVersion(1)).isZero();
        }

        @Test
        void xsa382and384and486framesOutsideTheTableAreNotPlaced() {
            assertThat(bench.platform.mapStatusFrame(0, 0x38040)).as("version 1 has none").isEqualTo(-22);
            assertThat(x86.platform.setVersion(2)).isZero();
            assertThat(x86.platform.mapStatusFrame(0, 0x38040)).isZero();
            for (int index : new int[] {-1, 1, 64, Integer.MAX_VALUE}) {
                assertThat(x86.platform.mapStatusFrame(index, 0x38040L + index)).isEqualTo(-22);
            }
            for (int index : new int[] {-1, 64, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertThat(x86.platform.mapTableFrame(index, 0x38000L + index)).isEqualTo(-22);
            }
            assertThat(x86.platform.mapTableFrame(0, 0x40100)).as("outside the window").isEqualTo(-22);
        }

        @Test
        void xsa501aReferenceOfVersionOneCanBeOutOfRangeInVersionTwo() {
            entriesOf(x86).grant(300, 2, 0x40100, false);
            int handle = x86.map(2, 300, false, 0).handle();
            assertThat(x86.platform.setVersion(2)).as("in use").isEqualTo(-16);
            x86.xen.unmap(2, UnmapRequest.host(XenBench.THERE, handle));
            assertThat(x86.platform.setVersion(2)).isZero();
            assertThat(x86.map(2, 300, false, 0).status()).isEqualTo(GrantStatus.BAD_GNTREF);
        }

        private EntryLayout entriesOf(XenBench of) {
            return EntryLayout.of(1, of.memory, XenBench.WINDOW, 0);
        }

        @Test
        void aSubPageGrantIsForCopyingOnly() {
            assertThat(x86.platform.setVersion(2)).isZero();
            entry(XenBench.WINDOW, 8, 0x101, 6, 8 << 16 | 4, 0x40100);
            assertThat(copyFrom(8)).as("16 bytes from 0 are not inside 8 bytes from 4").isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(x86.xen.copy(6, new CopyRequest(Side.grant(1, 8, 4), Side.own(6, 0x43000, 0), 8)))
                    .isEqualTo(GrantStatus.OKAY);
            assertThat(x86.xen.map(6, MapRequest.host(1, 8, XenBench.THERE, true)).status()).isEqualTo(GrantStatus.GENERAL_ERROR);
        }
    }

    @Nested
    class OtherCalls {

        @Test
        void xsa232aCacheFlushOfAPageOfNobodyIsRefused() {
            assertThat(bench.xen.cacheFlush(2, 0x40100)).isEqualTo(-1);
            entries.grant(8, 2, 0x40100, true);
            bench.map(2, 8, true, 0);
            assertThat(bench.xen.cacheFlush(2, 0x40100)).isZero();
            assertThat(bench.xen.cacheFlush(2, -1L)).isEqualTo(-1);
        }

        @Test
        void xsa268armRefusesVersionTwoAndSaysOne() {
            assertThat(bench.platform.setVersion(2)).isEqualTo(-38);
            assertThat(bench.platform.setVersion(3)).isEqualTo(-22);
            assertThat(bench.platform.version()).isEqualTo(1);
        }

        @Test
        void theRestOfTheCallsAnswerAsOnArm() {
            assertThat(bench.xen.otherOperation(4)).isEqualTo(-95);
            assertThat(bench.xen.otherOperation(77)).isEqualTo(-38);
            assertThat(bench.xen.unmapAndReplace(2)).isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(bench.xen.setupTable(1, 65)).isEqualTo(GrantStatus.GENERAL_ERROR);
            entries.grant(8, 2, 0x40100, false);
            assertThat(bench.xen.swap(1, 8, 512)).isEqualTo(GrantStatus.BAD_GNTREF);
            assertThat(bench.xen.swap(1, 8, 9)).isEqualTo(GrantStatus.OKAY);
            assertThat(entries.frame(9)).isEqualTo(0x40100);
            bench.map(2, 9, false, 0);
            assertThat(bench.xen.swap(1, 8, 9)).isEqualTo(GrantStatus.EAGAIN);
            bench.xen.setPolicy((caller, owner) -> caller == 3 ? -13 : 0);
            assertThat(bench.map(3, 9, false, 0).status()).isEqualTo(GrantStatus.PERMISSION_DENIED);
        }
    }

    @Nested
    class InTheDriver {

        private final GuestGrantTable table = bench.table();
        private final Leftovers leftovers = new Leftovers(table, bench.pages, new KeptGrants());
        private final GrantDma dma = new GrantDma("/disk", 2, table, bench.pages, leftovers, text -> { });

        @Test
        void xsa396aPageWhoseGrantIsInUseIsNeverFreed() {
            long page = bench.pages.allocate(4096, 4096, 64);
            long address = dma.map(page, 4096, Direction.BIDIRECTIONAL, 0);
            int handle = bench.map(2, GrantAddress.ref(address), false, 0).handle();
            dma.unmap(address, 4096, Direction.BIDIRECTIONAL, 0);
            bench.pages.free(page, 4096);
            for (int i = 0; i < 100; i++) {
                assertThat(bench.pages.allocate(4096, 4096, 64)).isNotEqualTo(page);
            }
            long held = bench.pages.allocatedBytes();
            unmap(2, handle, 0);
            assertThat(leftovers.reclaim()).isEqualTo(1);
            assertThat(bench.pages.allocatedBytes()).isEqualTo(held - 4096);
        }

        @Test
        void e433715bTheLastPageOfAMappingThatCrossesOneIsGranted() {
            long address = dma.map(XenBench.P + 0xFFF, 2, Direction.BIDIRECTIONAL, 0);
            assertThat(entries.frame(GrantAddress.ref(address) + 1)).isEqualTo(0x40101);
            assertThat(bench.flags(GrantAddress.ref(address) + 1)).isEqualTo(1);
            dma.unmap(address, 2, Direction.BIDIRECTIONAL, 0);
            assertThat(table.freeCount()).isEqualTo(504);
        }

        @Test
        void aSizeOfZeroIsRefusedAndLeavesTheFreeListAlone() {
            assertThat(dma.map(XenBench.P, 0, Direction.BIDIRECTIONAL, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
            assertThat(dma.allocateCoherent(0, 0)).isNull();
            assertThat(dma.map(XenBench.P, 4096, Direction.BIDIRECTIONAL, 0)).isEqualTo(0x8000_0000_0000_8000L);
            assertThat(dma.map(XenBench.P, 4096, Direction.BIDIRECTIONAL, 0)).isEqualTo(0x8000_0000_0000_9000L);
        }

        @Test
        void anUnmapOfAnotherSizeOrOfSomebodyElseChangesNothing() {
            GrantDma other = new GrantDma("/other", 3, table, bench.pages, leftovers, text -> { });
            long address = dma.map(XenBench.P, 8192, Direction.BIDIRECTIONAL, 0);
            dma.unmap(address, 4096, Direction.BIDIRECTIONAL, 0);
            dma.unmap(address, 12288, Direction.BIDIRECTIONAL, 0);
            other.unmap(address, 8192, Direction.BIDIRECTIONAL, 0);
            dma.unmap(0x4010_0000L, 8192, Direction.BIDIRECTIONAL, 0);
            assertThat(List.of(bench.flags(8), bench.flags(9))).containsExactly(1, 1);
            dma.unmap(address, 8192, Direction.BIDIRECTIONAL, 0);
            dma.unmap(address, 8192, Direction.BIDIRECTIONAL, 0);
            assertThat(table.freeCount()).isEqualTo(504);
        }

        @Test
        void aFrameTheEntryCannotHoldIsRefused() {
            assertThat(dma.map(1L << 44, 4096, Direction.BIDIRECTIONAL, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
            assertThat(dma.map((1L << 44) - 4096, 8192, Direction.BIDIRECTIONAL, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
            assertThat(table.freeCount()).isEqualTo(504);
        }
    }
}
