package org.latebind.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Errno;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuMapping;
import org.latebind.iommu.Protection;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.TestMemory;

class TranslatedDmaTest {

    private static final long MASK_40 = (1L << 40) - 1;

    private final TestMemory.Allocator pages = new TestMemory.Allocator(0x2000_0000L);
    private TableDomain domain = new TableDomain(DomainType.DMA, 48);
    private DmaSpace space = new DmaSpace(domain, List.of());

    private DmaApi api(long mask, boolean coherent, boolean pci) {
        return new DmaFactory(domain.memory, pages).translated(space, new DmaFacts(mask, -1L, List.of(), coherent, pci));
    }

    private void lazy() {
        domain = new TableDomain(DomainType.DMA_FQ, 48);
        space = new DmaSpace(domain, List.of());
    }

    @Nested
    class Single {

        @Test
        void theFirstPageOfA32BitDeviceIsTheLastBelow4GAndKeepsTheOffset() {
            DmaApi api = api(DmaFacts.MASK_32, false, false);
            long dma = api.map(0x8765_4321L, 0x10, Direction.TO_DEVICE, 0);
            assertThat(dma).isEqualTo(0xffff_f321L);
            assertThat(domain.iovaToPhys(dma)).isEqualTo(0x8765_4321L);
            assertThat(domain.calls).containsExactly("map fffff000>87654000 1000*1 p1");
            assertThat(api.map(0x1ff0, 0x20, Direction.FROM_DEVICE, 0)).as("two pages").isEqualTo(0xffff_cff0L);
        }

        @Test
        void directionAttributesAndCoherenceBecomeProtections() {
            DmaApi api = api(DmaFacts.MASK_32, true, false);
            api.map(0x1000, 1, Direction.BIDIRECTIONAL, 0);
            api.map(0x1000, 1, Direction.FROM_DEVICE, DmaAttributes.PRIVILEGED);
            api.map(0x1000, 1, Direction.TO_DEVICE, DmaAttributes.MMIO);
            assertThat(domain.calls).extracting(c -> c.substring(c.indexOf('p', 4))).containsExactly("p7", "p38", "p17");
        }

        @Test
        void pciDevicesTryBelow4GFirst() {
            assertThat(api(MASK_40, false, true).map(0x1000, 1, Direction.TO_DEVICE, 0)).isEqualTo(0xffff_f000L);
            assertThat(api(MASK_40, false, false).map(0x1000, 1, Direction.TO_DEVICE, 0)).isEqualTo(0xff_ffff_f000L);
            DmaApi pci = api(MASK_40, false, true);
            assertThat(pci.map(0, 1L << 31, Direction.TO_DEVICE, 0)).as("below 4G is too crowded").isEqualTo(0xff_0000_0000L);
        }

        @Test
        void theBusLimitAndALaterMaskBoundTheAddress() {
            DmaApi api = new DmaFactory(domain.memory, pages).translated(space,
                    new DmaFacts(MASK_40, 0x3fff_ffff, List.of(), false, false));
            assertThat(api.map(0x1000, 1, Direction.TO_DEVICE, 0)).isEqualTo(0x3fff_f000);
            assertThat(api.setMask(0xff_ffff)).isTrue();
            assertThat(api.map(0x1000, 1, Direction.TO_DEVICE, 0)).isEqualTo(0xff_f000);
            assertThat(api.setMask(0xfff)).isFalse();
        }

        @Test
        void unmapSyncsThenGivesTheAddressBack() {
            DmaApi api = api(DmaFacts.MASK_32, false, false);
            long dma = api.map(0x1000, 0x3000, Direction.TO_DEVICE, 0);
            domain.calls.clear();
            api.unmap(dma, 0x3000, Direction.TO_DEVICE, 0);
            assertThat(domain.calls).containsExactly("sync ffffc000-ffffefff");
            assertThat(domain.iovaToPhys(dma)).isZero();
            assertThat(space.addresses().allocatedBytes()).isZero();
            api.unmap(dma, 0x3000, Direction.TO_DEVICE, 0);
            assertThat(space.addresses().allocatedBytes()).as("a second unmap changes nothing").isZero();
        }

        @Test
        void errorsAreValuesAndLeaveNothing() {
            DmaApi api = api(DmaFacts.MASK_32, false, false);
            assertThat(api.map(0x1000, 0, Direction.TO_DEVICE, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
            assertThat(api.map(-0x1000L, 0x2000, Direction.TO_DEVICE, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
            assertThat(api.map(1L << 48, 0x1000, Direction.TO_DEVICE, 0)).as("beyond the output size")
                    .isEqualTo(DmaApi.MAPPING_ERROR);
            assertThat(api.map(0, 1L << 33, Direction.TO_DEVICE, 0)).as("no such address range").isEqualTo(DmaApi.MAPPING_ERROR);
            assertThat(space.addresses().allocatedBytes()).isZero();
        }

        @Test
        void coherentMemoryIsMappedBothWaysAndGivenBack() {
            DmaApi api = api(DmaFacts.MASK_32, true, false);
            CoherentBuffer buffer = api.allocateCoherent(0x1800, 0);
            assertThat(domain.iovaToPhys(buffer.dmaAddress() + 0x1234)).isEqualTo(buffer.physicalAddress() + 0x1234);
            api.freeCoherent(buffer);
            assertThat(pages.allocatedBytes()).isZero();
            assertThat(space.addresses().allocatedBytes()).isZero();
        }
    }

    @Nested
    class ScatterGather {

        @Test
        void segmentsThatFollowEachOtherBecomeOneRange() {
            DmaApi api = api(DmaFacts.MASK_32, false, false);
            ScatterList list = new ScatterList(4).add(0x5000_0800L, 0x800).add(0x6000_0000L, 0x2000).add(0x7000_0000L, 0x100)
                    .add(0x7100_0000L, 0x100);
            assertThat(api.map(list, Direction.TO_DEVICE, 0)).isEqualTo(2);
            assertThat(list.dmaLength(0)).isEqualTo(0x2900);
            assertThat(domain.iovaToPhys(list.dmaAddress(0) + 0x800)).isEqualTo(0x6000_0000L);
            assertThat(domain.iovaToPhys(list.dmaAddress(1))).isEqualTo(0x7100_0000L);
            api.unmap(list, Direction.TO_DEVICE, 0);
            assertThat(space.addresses().allocatedBytes()).isZero();
            assertThat(domain.iovaToPhys(list.dmaAddress(0))).isZero();
        }

        @Test
        void aSegmentThatCannotBeMappedUndoesTheOthers() {
            DmaApi api = api(DmaFacts.MASK_32, false, false);
            ScatterList list = new ScatterList(2).add(0x5000_0000L, 0x1000).add(1L << 50, 0x1000);
            assertThat(api.map(list, Direction.TO_DEVICE, 0)).isZero();
            assertThat(list.ranges()).isZero();
            assertThat(domain.iovaToPhys(0xffff_e000L)).isZero();
            assertThat(space.addresses().allocatedBytes()).isZero();
        }
    }

    @Nested
    class Lazy {

        @Test
        void addressesWaitForAFlushOfEverything() {
            lazy();
            DmaApi api = api(DmaFacts.MASK_32, false, false);
            long dma = api.map(0x1000, 1, Direction.TO_DEVICE, 0);
            api.unmap(dma, 1, Direction.TO_DEVICE, 0);
            assertThat(space.queued()).isEqualTo(1);
            assertThat(api.map(0x1000, 1, Direction.TO_DEVICE, 0)).as("not handed out while a TLB may hold it").isNotEqualTo(dma);
            domain.calls.clear();
            space.flush();
            assertThat(domain.calls).containsExactly("flush");
            assertThat(space.queued()).isZero();
            assertThat(api.map(0x1000, 1, Direction.TO_DEVICE, 0)).isEqualTo(dma);
        }

        @Test
        void aFullQueueFlushesItself() {
            lazy();
            DmaApi api = api(DmaFacts.MASK_32, false, false);
            for (int i = 0; i < 2 * DmaSpace.QUEUE_LENGTH + 1; i++) {
                api.unmap(api.map(0x1000, 1, Direction.TO_DEVICE, 0), 1, Direction.TO_DEVICE, 0);
            }
            assertThat(domain.calls.stream().filter("flush"::equals)).hasSize(2);
            assertThat(space.queued()).isEqualTo(1);
        }

        @Test
        void anExhaustedSpaceFlushesBeforeItFails() {
            lazy();
            DmaApi api = api(0x3fff, false, false);
            for (int i = 0; i < 10; i++) {
                long dma = api.map(0x1000, 1, Direction.TO_DEVICE, 0);
                assertThat(dma).isNotEqualTo(DmaApi.MAPPING_ERROR);
                api.unmap(dma, 1, Direction.TO_DEVICE, 0);
            }
        }
    }

    @Nested
    class WholeRanges {

        @Test
        void pageSizesGrowToTheBoundaryAndShrinkAfterIt() {
            assertThat(IommuMapping.map(domain, 0x3fff_f000L, 0x7fff_f000L, 0x1000 + (1L << 30) + 0x20_1000, 3)).isZero();
            assertThat(domain.calls).containsExactly("map 3ffff000>7ffff000 1000*1 p3", "map 40000000>80000000 40000000*1 p3",
                    "map 80000000>c0000000 200000*1 p3", "map 80200000>c0200000 1000*1 p3");
            assertThat(IommuMapping.unmap(domain, 0x3fff_f000L, 0x1000 + (1L << 30) + 0x20_1000, new Gather()))
                    .isEqualTo(0x1000 + (1L << 30) + 0x20_1000);
        }

        @Test
        void addressesThatDifferInTheLargerPageUseTheSmallerOne() {
            assertThat(IommuMapping.map(domain, 0x20_0000, 0x1000, 0x40_0000, 3)).isZero();
            assertThat(domain.calls).containsExactly("map 200000>1000 1000*1024 p3", "map 400000>201000 1000*512 p3");
        }

        @Test
        void anErrorTakesEverythingBack() {
            IommuMapping.map(domain, 0x20_0000, 0x1000, 0x1000, 3);
            assertThat(IommuMapping.map(domain, 0x1f_0000, 0x80_0000, 0x2_0000, 3)).isEqualTo(-Errno.EEXIST.number());
            assertThat(domain.iovaToPhys(0x1f_0000)).isZero();
            assertThat(domain.iovaToPhys(0x20_0000)).isEqualTo(0x1000);
        }

        @Test
        void badRangesAreRefusedUnchanged() {
            int einval = -Errno.EINVAL.number();
            assertThat(IommuMapping.map(domain, 0x800, 0x1000, 0x1000, 3)).isEqualTo(einval);
            assertThat(IommuMapping.map(domain, 0x1000, 0x1000, 0x1800, 3)).isEqualTo(einval);
            assertThat(IommuMapping.map(domain, 0x1000, 0x1000, 0, 3)).isEqualTo(einval);
            assertThat(IommuMapping.map(domain, -0x1000L, 0x1000, 0x2000, 3)).as("wrap-around").isEqualTo(einval);
            assertThat(IommuMapping.map(domain, (1L << 48) - 0x1000, 0, 0x2000, 3)).isEqualTo(-Errno.ERANGE.number());
            assertThat(IommuMapping.map(domain, 0x1000, 0x1000, 0x1000, Protection.CACHE)).isEqualTo(einval);
            assertThat(IommuMapping.map(new TableDomain(DomainType.IDENTITY, 48), 0, 0, 0x1000, 3)).isEqualTo(einval);
            assertThat(IommuMapping.unmap(domain, 0x800, 0x1000, new Gather())).isZero();
            assertThat(IommuMapping.unmap(domain, 0x1000, 0x1000, new Gather())).isZero();
        }
    }
}
