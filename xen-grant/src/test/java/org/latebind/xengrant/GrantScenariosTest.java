package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.dma.CoherentBuffer;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.dma.DmaAttributes;
import org.latebind.dma.ScatterList;
import org.latebind.machine.xen.DomainSpec;
import org.latebind.machine.xen.HostileFrontend;
import org.latebind.machine.xen.MapRequest;

/**
 * The scenarios of the grant driver by their numbers. Table of version 1, fresh free list, guest 1, backend 2, pages of 4 KiB,
 * page P at frame 0x40100. The numbers about binding stand elsewhere: 1, 4 and 20 to 22 in {@link BindingScenariosTest}, 2 to 4
 * and 31 in {@link DeferredProbeStoryTest}, 32 in {@link PassthroughScenarioTest}.
 */
class GrantScenariosTest {

    private static final long P = 0x4010_0000L;
    private static final long ERROR = DmaApi.MAPPING_ERROR;
    private static final Direction TO = Direction.TO_DEVICE;
    private static final Direction BOTH = Direction.BIDIRECTIONAL;

    private GuestBoard board = new GuestBoard().start();
    private GrantDma dma = board.bind(GuestBoard.DISK);

    private void limitFrames(int frames) {
        board = GuestBoard.withFrames(frames).start();
        dma = board.bind(GuestBoard.DISK);
    }

    private String entry(int ref) {
        byte[] bytes = new byte[8];
        board.memory().read(GuestBoard.WINDOW + ref * 8L, bytes, 0, 8);
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }

    private long mapP() {
        return dma.map(P, 4096, TO, DmaAttributes.NONE);
    }

    @Nested
    class Addresses {

        @Test
        void scenario5aPageForTheDeviceIsOneReadOnlyGrant() {
            assertThat(mapP()).isEqualTo(0x8000_0000_0000_8000L);
            assertThat(entry(8)).isEqualTo("05 00 02 00 00 01 04 00");
        }

        @Test
        void scenario6aMappingAcrossPagesTakesConsecutiveReferences() {
            assertThat(dma.map(P + 0x123, 0x2000, BOTH, 0)).isEqualTo(0x8000_0000_0000_8123L);
            assertThat(List.of(entry(8), entry(9), entry(10))).containsExactly("01 00 02 00 00 01 04 00",
                    "01 00 02 00 01 01 04 00", "01 00 02 00 02 01 04 00");
            assertThat(board.flags(11)).isZero();
        }

        @Test
        void scenario7theOffsetIsReducedToThePageItFallsIn() {
            assertThat(dma.map(P + 0x1123, 0x10, BOTH, 0)).isEqualTo(0x8000_0000_0000_8123L);
            assertThat(entry(8)).isEqualTo("01 00 02 00 01 01 04 00");
            assertThat(board.flags(9)).isZero();
        }

        @Test
        void scenario8anAllocationIsRoundedUpAndWritable() {
            CoherentBuffer buffer = dma.allocateCoherent(0x1001, 0);
            assertThat(buffer.dmaAddress()).isEqualTo(0x8000_0000_0000_8000L);
            assertThat(List.of(board.flags(8), board.flags(9), board.flags(10))).containsExactly(1, 1, 0);
        }

        @Test
        void scenario19onlyTheFullMaskIsAccepted() {
            assertThat(List.of(dma.setMask(0xFFFF_FFFFL), dma.setMask(-1L >>> 1), dma.setMask(-1L)))
                    .containsExactly(false, false, true);
        }
    }

    @Nested
    class BackendsThatHoldOn {

        @Test
        void scenario9aMappingInUseBreaksTheDeviceAndItsReferencesAreNotReused() {
            long address = dma.map(P + 0x123, 0x2000, BOTH, 0);
            assertThat(board.status(2, 9, false, 0)).isZero();
            dma.unmap(address, 0x2000, BOTH, 0);
            assertThat(List.of(board.flags(8), board.flags(9) & 3, board.flags(10))).containsExactly(0, 1, 0);
            assertThat(dma.broken()).isEqualTo("domain 2 still uses grant 9");
            assertThat(board.log).anyMatch(line -> line.contains("still uses grant 9"));
            assertThat(mapP()).isEqualTo(ERROR);
            GrantDma other = board.bind(GuestBoard.SECOND_DISK);
            assertThat(other.map(P, 4096, TO, 0)).as("8 to 10 are not handed out").isEqualTo(0x8000_0000_0000_B000L);
        }

        @Test
        void scenario10brokenStaysWhenTheBackendLetsGo() {
            long address = dma.map(P + 0x123, 0x2000, BOTH, 0);
            int handle = board.map(2, 9, false, 0).handle();
            dma.unmap(address, 0x2000, BOTH, 0);
            assertThat(board.unmap(2, handle, 0)).isZero();
            assertThat(mapP()).isEqualTo(ERROR);
            assertThat(dma.allocateCoherent(1, 0)).isNull();
            assertThat(board.driver.reclaim()).as("nothing is lost").isEqualTo(3);
            assertThat(board.free()).isEqualTo(504);
            assertThat(mapP()).isEqualTo(ERROR);
        }

        @Test
        void scenario14aPinnedSnapshotRulesUntilTheLastUnmap() {
            mapP();
            int first = board.map(2, 8, true, 0).handle();
            board.memory().write16(GuestBoard.WINDOW + 0x40, 0);
            MapRequest.Result second = board.map(2, 8, true, 1);
            assertThat(second.status().code()).isZero();
            assertThat(board.unmap(2, first, 0) + board.unmap(2, second.handle(), 1)).isZero();
            assertThat(board.status(2, 8, true, 2)).isEqualTo(-1);
        }

        @Test
        void scenario25aDestroyedBackendLetsGoOfEverything() {
            long address = dma.map(P, 3 * 4096, BOTH, 0);
            for (int i = 0; i < 3; i++) {
                assertThat(board.status(2, 8 + i, false, i)).isZero();
            }
            assertThat(board.flags(9)).isEqualTo(0x19);
            board.xen.destroy(2);
            assertThat(List.of(board.flags(8), board.flags(9), board.flags(10))).containsExactly(1, 1, 1);
            dma.unmap(address, 3 * 4096, BOTH, 0);
            assertThat(dma.broken()).isNull();
            assertThat(board.free()).isEqualTo(504);
        }

        @Test
        void scenario26stoppingTheDriverReturnsEveryReferenceAndRecord() {
            GrantDma second = board.bind(GuestBoard.SECOND_DISK);
            mapP();
            second.allocateCoherent(10_000, 0);
            long before = board.machine.pages().allocatedBytes();
            assertThat(before).isEqualTo(3 * 4096);
            board.stop();
            assertThat(board.machine.pages().allocatedBytes()).isZero();
            assertThat(board.driver.snapshot().units()).isEmpty();
            for (int ref = 8; ref < 512; ref++) {
                assertThat(board.flags(ref)).isZero();
            }
            board.start();
            assertThat(board.free()).isEqualTo(504);
            assertThat(board.records()).isZero();
        }
    }

    @Nested
    class BackendsThatTry {

        @Test
        void scenario11noWriteMappingOfAReadOnlyGrant() {
            mapP();
            assertThat(board.status(2, 8, false, 0)).isEqualTo(-1);
            assertThat(board.flags(8)).isEqualTo(5);
        }

        @Test
        void scenario12noMappingByAnotherDomain() {
            mapP();
            assertThat(board.status(3, 8, true, 0)).isEqualTo(-1);
            assertThat(board.flags(8)).isEqualTo(5);
        }

        @Test
        void scenario13noMappingAfterTheEnd() {
            dma.unmap(mapP(), 4096, TO, 0);
            assertThat(board.status(2, 8, true, 0)).isEqualTo(-1);
            assertThat(board.flags(8)).isZero();
            assertThat(mapP()).isEqualTo(0x8000_0000_0000_8000L);
        }

        @Test
        void scenario15referencesOutsideReservedAndUnknownDomains() {
            mapP();
            assertThat(board.status(2, 512, true, 0)).isEqualTo(-3);
            assertThat(board.status(2, 3, true, 0)).isEqualTo(-1);
            assertThat(board.xen.map(2, MapRequest.host(9, 8, GuestBoard.THERE, true)).status().code()).isEqualTo(-2);
        }

        @Test
        void scenario23oneReferenceIsMapped128Times() {
            mapP();
            for (int i = 0; i < 128; i++) {
                assertThat(board.status(2, 8, true, i)).as("mapping %d", i + 1).isZero();
            }
            assertThat(board.status(2, 8, true, 128)).isEqualTo(-1);
            assertThat(board.xen.handlesInUse(2)).isEqualTo(128);
        }

        @Test
        void scenario24aBackendHas262143Handles() {
            CoherentBuffer buffer = dma.allocateCoherent(2048L * 4096, 0);
            assertThat(buffer).isNotNull();
            int handle = 0;
            for (int i = 0; i < 262_143; i++) {
                MapRequest.Result result = board.map(2, 8 + i / 128, true, i);
                assertThat(result.status().code()).isZero();
                handle = result.handle();
            }
            assertThat(board.status(2, 8 + 2047, true, 262_143)).isEqualTo(-13);
            assertThat(board.unmap(2, handle, 262_142)).isZero();
            assertThat(board.status(2, 8 + 2047, true, 262_143)).isZero();
        }

        @Test
        void scenario29aFrontendThatFlipsItsFlagsDoesNotHoldXenUp() {
            HostileFrontend.Flipping flipping = new HostileFrontend.Flipping(XenBench.sparse(), GuestBoard.WINDOW + 0x40);
            XenBench bench = new XenBench(flipping, new ReentrantLock(),
                    DomainSpec.guest(1, List.of(XenBench.RAM), XenBench.WINDOW), false);
            bench.memory.write32(GuestBoard.WINDOW + 0x40, 2 << 16 | 1);
            bench.memory.write32(GuestBoard.WINDOW + 0x44, 0x40100);
            flipping.start();
            assertThat(bench.map(2, 8, true, 0).status().code()).isEqualTo(-1);
            assertThat(flipping.attempts()).isEqualTo(5);
            assertThat(bench.xen.handlesInUse(2)).isZero();
        }
    }

    @Nested
    class Limits {

        @Test
        void scenario16aFullTableFailsAndLeaksNothing() {
            limitFrames(1);
            assertThat(dma.allocateCoherent(504 * 4096, 0).dmaAddress()).isEqualTo(0x8000_0000_0000_8000L);
            assertThat(board.flags(511)).isEqualTo(1);
            long allocated = board.machine.pages().allocatedBytes();
            assertThat(mapP()).isEqualTo(ERROR);
            assertThat(dma.allocateCoherent(1, 0)).isNull();
            assertThat(board.machine.pages().allocatedBytes()).isEqualTo(allocated);
            assertThat(board.free()).isZero();
        }

        @Test
        void scenario17aFragmentedTableHasSinglesOnly() {
            limitFrames(1);
            long[] addresses = new long[504];
            for (int i = 0; i < 504; i++) {
                addresses[i] = dma.map(P, 4096, TO, 0);
            }
            for (int i = 0; i < 504; i += 2) {
                dma.unmap(addresses[i], 4096, TO, 0);
            }
            assertThat(dma.map(P, 8192, TO, 0)).isEqualTo(ERROR);
            assertThat(mapP()).isEqualTo(0x8000_0000_0000_8000L);
        }

        @Test
        void scenario18aListThatDoesNotFitIsUndone() {
            limitFrames(1);
            dma.allocateCoherent(502 * 4096, 0);
            ScatterList list = new ScatterList(3).add(P, 4096).add(P + 0x3000, 100).add(P + 0x5000, 100);
            assertThat(dma.map(list, BOTH, 0)).as("0 stands for -EIO").isZero();
            assertThat(list.dmaLength(0)).isZero();
            assertThat(List.of(board.flags(510), board.flags(511))).containsExactly(0, 0);
            assertThat(board.free()).isEqualTo(2);
        }

        @Test
        void scenario27aHundredThousandCyclesLeaveTheTableAsItWas() {
            for (int i = 0; i < 100_000; i++) {
                CoherentBuffer buffer = dma.allocateCoherent(4096, 0);
                assertThat(buffer.dmaAddress()).isEqualTo(0x8000_0000_0000_8000L);
                dma.freeCoherent(buffer);
            }
            assertThat(board.free()).isEqualTo(504);
            assertThat(board.machine.pages().allocatedBytes()).isZero();
        }

        @Test
        void scenario28twoDevicesHaveTwoBackends() {
            GrantDma second = board.bind(GuestBoard.SECOND_DISK);
            long first = mapP();
            assertThat(second.map(P, 4096, TO, 0)).isEqualTo(0x8000_0000_0000_9000L);
            assertThat(List.of(entry(8), entry(9))).containsExactly("05 00 02 00 00 01 04 00", "05 00 03 00 00 01 04 00");
            dma.unmap(first, 4096, TO, 0);
            assertThat(board.status(3, 9, true, 0)).isZero();
            assertThat(board.status(2, 9, true, 0)).isEqualTo(-1);
        }

        @Test
        void scenario30and77be00f1mappingNeverWaitsForAThreadThatStoresARecord() throws InterruptedException {
            // The other client's path is asked for while its record is made; there it stops until the mapping here is done.
            CountDownLatch storing = new CountDownLatch(1);
            CountDownLatch mapped = new CountDownLatch(1);
            Thread other = new Thread(() -> board.unit().dmaApi(new StoppingClient(storing, mapped)));
            other.start();
            assertThat(storing.await(30, TimeUnit.SECONDS)).isTrue();
            AtomicLong address = new AtomicLong();
            Thread interrupt = new Thread(() -> address.set(mapP()));
            interrupt.start();
            interrupt.join(30_000);
            mapped.countDown();
            other.join(30_000);
            assertThat(address.get()).isEqualTo(0x8000_0000_0000_8000L);
        }
    }
}
