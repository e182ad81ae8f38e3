package org.latebind.machine.xen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.hardware.Finding;
import org.latebind.hardware.xen.BackendDomains;
import org.latebind.machine.memory.MemoryRange;
import org.latebind.machine.memory.SparseMemory;

/** Goal: every check of a map and of an unmap, in the order of the table, with its status; a failed call leaves no trace. */
class GrantMappingTest {

    private static final long WINDOW = 0x3800_0000L;
    private static final long THERE = 0x1_0000_0000L;
    private final SparseMemory memory = new SparseMemory(List.of(new MemoryRange(WINDOW, 1 << 20),
            new MemoryRange(0x4000_0000L, 1 << 24)));
    private final List<Finding> findings = new ArrayList<>();
    private final XenHypervisor xen = new XenHypervisor(memory, new ReentrantLock(), false, findings::add);

    GrantMappingTest() {
        xen.create(DomainSpec.guest(1, List.of(new MemoryRange(0x4000_0000L, 1 << 24)), WINDOW));
        xen.create(DomainSpec.backend(2));
        xen.create(DomainSpec.backend(3).withMappingLimits(1, 255, 4));
    }

    private void entry(int ref, int flags, int domid, int frame) {
        memory.write16(WINDOW + ref * 8L + 2, domid);
        memory.write32(WINDOW + ref * 8L + 4, frame);
        memory.write16(WINDOW + ref * 8L, flags);
    }

    private GrantStatus map(int flags, int domid, int ref) {
        return xen.map(2, new MapRequest(domid, ref, THERE, flags)).status();
    }

    private GrantStatus host(int ref, boolean readOnly) {
        return map(MapRequest.HOST_MAP | (readOnly ? MapRequest.READONLY : 0), 1, ref);
    }

    private void nothingIsLeft() {
        assertThat(xen.handlesInUse(2)).isZero();
        assertThat(xen.pinnedGrants(1)).isZero();
        assertThat(xen.foreignMappings(2)).isZero();
        assertThat(xen.pageReferences(0x40100)).isZero();
    }

    @Nested
    class Maps {

        @Test
        void check1aMapOfNoKindIsABadReferenceBeforeAnythingElse() {
            assertThat(map(MapRequest.READONLY, 99, 8)).isEqualTo(GrantStatus.BAD_GNTREF);
        }

        @Test
        void check2deviceApplicationAndPteMapsAreRefusedBeforeTheDomainIsLookedUp() {
            for (int kind : new int[] {MapRequest.DEVICE_MAP, MapRequest.APPLICATION_MAP, MapRequest.CONTAINS_PTE}) {
                assertThat(map(MapRequest.HOST_MAP | kind, 99, 8)).isEqualTo(GrantStatus.GENERAL_ERROR);
            }
        }

        @Test
        void check3anUnknownDomainAndSelfAreBadDomains() {
            assertThat(map(MapRequest.HOST_MAP, 99, 8)).isEqualTo(GrantStatus.BAD_DOMAIN);
            assertThat(map(MapRequest.HOST_MAP, 0x7FF0, 8)).isEqualTo(GrantStatus.BAD_DOMAIN);
        }

        @Test
        void check4thePolicyIsAskedBeforeAHandleIsTaken() {
            xen.setPolicy((caller, owner) -> -1);
            assertThat(host(8, true)).isEqualTo(GrantStatus.PERMISSION_DENIED);
            nothingIsLeft();
        }

        @Test
        void check5withoutAHandleTheReferenceIsNotLookedAt() {
            entry(8, 1, 3, 0x40100);
            assertThat(xen.map(3, MapRequest.host(1, 8, THERE, true)).status()).isEqualTo(GrantStatus.OKAY);
            assertThat(xen.map(3, MapRequest.host(1, 99_999, THERE + 4096, true)).status()).isEqualTo(GrantStatus.NO_SPACE);
        }

        @Test
        void check6theReferenceIsWithinTheTableAsItIsNow() {
            assertThat(host(512, true)).isEqualTo(GrantStatus.BAD_GNTREF);
            assertThat(host(-1, true)).isEqualTo(GrantStatus.BAD_GNTREF);
            assertThat(xen.setupTable(1, 2)).isEqualTo(GrantStatus.OKAY);
            assertThat(host(512, true)).as("an empty entry now").isEqualTo(GrantStatus.GENERAL_ERROR);
            nothingIsLeft();
        }

        @Test
        void check7aPinnedGrantIsForItsDomainOnly() {
            entry(8, 1, 2, 0x40100);
            assertThat(host(8, true)).isEqualTo(GrantStatus.OKAY);
            memory.write16(WINDOW + 8 * 8 + 2, 3);
            assertThat(xen.map(3, MapRequest.host(1, 8, THERE, true)).status()).isEqualTo(GrantStatus.GENERAL_ERROR);
        }

        @Test
        void check8typeAndDomainMustMatch() {
            for (int flags : new int[] {0, 2, 3, 0x101}) {
                entry(8, flags, 2, 0x40100);
                assertThat(host(8, true)).as("flags 0x%x", flags).isEqualTo(GrantStatus.GENERAL_ERROR);
                assertThat(memory.read16(WINDOW + 64)).isEqualTo(flags);
            }
            entry(8, 1, 3, 0x40100);
            assertThat(host(8, true)).isEqualTo(GrantStatus.GENERAL_ERROR);
            nothingIsLeft();
        }

        @Test
        void check9noWritingWhereItIsReadOnlyAlsoBesideAReader() {
            entry(8, 5, 2, 0x40100);
            assertThat(host(8, false)).isEqualTo(GrantStatus.GENERAL_ERROR);
            nothingIsLeft();
            assertThat(host(8, true)).isEqualTo(GrantStatus.OKAY);
            assertThat(host(8, false)).as("upgrade").isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(memory.read16(WINDOW + 64)).isEqualTo(0xD);
        }

        @Test
        void check11aFrameThatIsNoMemoryIsABadPage() {
            for (int frame : new int[] {0, 0x50000, -1}) {
                entry(8, 1, 2, frame);
                assertThat(host(8, false)).as("frame 0x%x", frame).isEqualTo(GrantStatus.BAD_PAGE);
                assertThat(memory.read16(WINDOW + 64)).as("the bits are back").isEqualTo(1);
            }
            nothingIsLeft();
        }

        @Test
        void check12theTableItselfCannotBeGranted() {
            entry(8, 1, 2, (int) (WINDOW >>> 12));
            assertThat(host(8, false)).isEqualTo(GrantStatus.GENERAL_ERROR);
            nothingIsLeft();
        }

        @Test
        void check13anExistingMappingIsReplacedWithoutAWord() {
            entry(8, 1, 2, 0x40100);
            entry(9, 1, 2, 0x40101);
            memory.write8(0x4010_0000L, 1);
            memory.write8(0x4010_1000L, 2);
            assertThat(host(8, false)).isEqualTo(GrantStatus.OKAY);
            byte[] one = new byte[1];
            assertThat(xen.read(2, THERE, one)).isNull();
            assertThat(host(9, false)).isEqualTo(GrantStatus.OKAY);
            assertThat(xen.read(2, THERE, one)).isNull();
            assertThat(one).containsExactly(2);
            assertThat(xen.unmap(2, UnmapRequest.host(THERE, 0))).as("another page is there")
                    .isEqualTo(GrantStatus.GENERAL_ERROR);
        }

        @Test
        void check14withoutRoomInTheIdentityIommuNothingIsMapped() {
            IdentityIommu iommu = new IdentityIommu(1);
            assertThat(iommu.map(1, true)).isTrue();
            assertThat(iommu.map(2, true)).isFalse();
            assertThat(iommu.map(1, false)).isTrue();
            assertThatThrownBy(() -> iommu.unmap(2, true)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class Unmaps {

        @Test
        void handlesAreCheckedAgainstTheCallersOwnTable() {
            entry(8, 1, 2, 0x40100);
            assertThat(host(8, false)).isEqualTo(GrantStatus.OKAY);
            assertThat(xen.unmap(3, UnmapRequest.host(THERE, 0))).isEqualTo(GrantStatus.BAD_HANDLE);
            assertThat(xen.unmap(2, UnmapRequest.host(THERE, 1))).isEqualTo(GrantStatus.BAD_HANDLE);
            assertThat(xen.unmap(2, UnmapRequest.host(THERE, -1))).isEqualTo(GrantStatus.BAD_HANDLE);
            assertThat(xen.unmap(2, UnmapRequest.host(THERE + 4096, 0))).isEqualTo(GrantStatus.GENERAL_ERROR);
            assertThat(xen.unmap(2, new UnmapRequest(THERE, 0x1000, 0))).isEqualTo(GrantStatus.BAD_DEV_ADDR);
            assertThat(xen.unmap(2, UnmapRequest.host(THERE, 0))).isEqualTo(GrantStatus.OKAY);
            assertThat(xen.unmap(2, UnmapRequest.host(THERE, 0))).isEqualTo(GrantStatus.BAD_HANDLE);
            nothingIsLeft();
        }

        @Test
        void writingClearsWithTheLastWriterAndReadingWithTheLastPin() {
            entry(8, 1, 2, 0x40100);
            for (int i = 0; i < 3; i++) {
                assertThat(xen.map(2, MapRequest.host(1, 8, THERE + i * 4096L, i == 2)).status()).isEqualTo(GrantStatus.OKAY);
            }
            int[] expected = {0x19, 0x9, 0x1};
            for (int i = 0; i < 3; i++) {
                assertThat(xen.unmap(2, UnmapRequest.host(THERE + i * 4096L, i))).isEqualTo(GrantStatus.OKAY);
                assertThat(memory.read16(WINDOW + 64)).isEqualTo(expected[i]);
            }
        }

        @Test
        void aMappingIsGoneFromTheTlbWhenTheUnmapReturns() {
            entry(8, 1, 2, 0x40100);
            assertThat(host(8, false)).isEqualTo(GrantStatus.OKAY);
            assertThat(xen.write(2, THERE + 100, new byte[] {7})).isNull();
            assertThat(memory.read8(0x4010_0064L)).isEqualTo(7);
            assertThat(xen.unmap(2, UnmapRequest.host(THERE, 0))).isEqualTo(GrantStatus.OKAY);
            assertThat(xen.write(2, THERE + 100, new byte[] {8})).contains("translation fault");
            assertThat(memory.read8(0x4010_0064L)).isEqualTo(7);
        }
    }

    @Test
    void playedBackendsSpeakOfWhatTheyMapped() {
        BackendDomains backends = new XenPlatform(xen, 1).backends();
        entry(8, 5, 2, 0x40100);
        assertThat(backends.domids()).containsExactly(2, 3);
        assertThat(backends.map(2, 8, false).text()).isEqualTo("general_error");
        BackendDomains.Answer mapped = backends.map(2, 8, true);
        assertThat(backends.mappings(2)).containsExactly(new BackendDomains.Mapping(mapped.handle(), 8, 0x8000_0000L, true));
        assertThat(backends.read(2, mapped.handle(), 4090, 6).data()).hasSize(6);
        assertThat(backends.read(2, mapped.handle(), 4090, 7).ok()).isFalse();
        assertThat(backends.write(2, mapped.handle(), 0, new byte[] {1}).text()).contains("permission fault");
        assertThat(backends.map(1, 8, true).text()).isEqualTo("bad_domain");
        assertThat(backends.map(6, 8, true).text()).as("comes into being, and has no right").isEqualTo("general_error");
        assertThat(backends.unmap(2, mapped.handle()).ok()).isTrue();
        assertThat(backends.unmap(2, mapped.handle()).text()).isEqualTo("bad_handle");
    }
}
