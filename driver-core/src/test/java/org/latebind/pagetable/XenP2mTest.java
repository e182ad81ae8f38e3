package org.latebind.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Errno;
import org.latebind.iommu.Protection;

class XenP2mTest {

    private final TestMemory memory = new TestMemory();
    private final TestMemory.Allocator allocator = new TestMemory.Allocator(0x8000_0000L);
    private final List<String> flushes = new ArrayList<>();
    private final TlbInvalidation tlb = new TlbInvalidation() {
        @Override
        public void flushAll() {
            flushes.add("all");
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
            flushes.add(String.format("%x+%x", iova, sizeBytes));
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
            throw new AssertionError("no gather here");
        }
    };

    private XenP2m p2m(int bits) {
        return XenP2m.allocate(bits, memory, allocator, tlb);
    }

    @Test
    void rootAndControlRegisterFollowTheAddressSize() {
        int[] bits = {32, 36, 40, 42, 44, 48};
        int[] pages = {1, 1, 2, 8, 1, 1};
        int[] levels = {1, 1, 1, 1, 0, 0};
        int[] vtcr = {0x80003560, 0x8001355c, 0x80023558, 0x80033556, 0x80043594, 0x80053590};
        for (int i = 0; i < bits.length; i++) {
            XenP2m p2m = p2m(bits[i]);
            assertThat(p2m.rootPages()).as("bits " + bits[i]).isEqualTo(pages[i]);
            assertThat(p2m.rootLevel()).isEqualTo(levels[i]);
            assertThat(p2m.vtcr(false)).isEqualTo(vtcr[i]);
            assertThat(p2m.vtcr(true)).isEqualTo(vtcr[i] | 0x80000);
            assertThat(p2m.root() % (4096L * pages[i])).isZero();
        }
        assertThat(p2m(52)).as("a level-0 root may not be concatenated").isNull();
        assertThat(p2m(39)).isNull();
        assertThat(XenP2m.restrictIpaBits(47)).isEqualTo(44);
        assertThat(XenP2m.restrictIpaBits(31)).isZero();
    }

    @Test
    void entriesCarryTypeAttributesAndRights() {
        XenP2m p2m = p2m(40);
        long[] expected = {0x00800000_000007ffL, 0x0100_0000_0000_077fL, 0x01c00000_000006c7L, 0x0240_0000_0000_06d7L,
            0x02c0_0000_0000_06ffL, 0x0340_0000_0000_07ffL, 0x03c0_0000_0000_077fL, 0x0440_0000_0000_07ffL,
            0x04c00000_0000077fL, 0x05400000_000007ffL, 0x05c0_0000_0000_077fL};
        for (int i = 0; i < expected.length; i++) {
            P2mType type = P2mType.values()[i + 1];
            assertThat(p2m.map(0x40000 + i, 0x12345, 1, type)).isZero();
            assertThat(p2m.entry(0x40000 + i)).as(type.name()).isEqualTo(expected[i] | 0x12345000L);
            assertThat(P2mType.of(p2m.entry(0x40000 + i))).isEqualTo(type);
        }
        assertThat(p2m.map(5, 6, 1, P2mType.RAM_RW, XenP2m.ACCESS_READ)).isZero();
        assertThat(p2m.entry(5)).isEqualTo(0x00c0_0000_0000_677fL);
    }

    @Test
    void tablesAreWrittenLikeReadWritePagesAndTheSecondRootPageIsUsed() {
        XenP2m p2m = p2m(40);
        assertThat(p2m.map(0x8000000, 0x40000, 0x40000, P2mType.RAM_RW)).isZero();
        assertThat(memory.read64(p2m.root() + 0x1000)).isEqualTo(0x00800000_400007fdL);
        assertThat(p2m.map(0, 0x80001, 1, P2mType.RAM_RW)).isZero();
        assertThat(memory.read64(p2m.root())).isEqualTo(0x00800000_000007ffL | allocator0());
        assertThat(p2m.translate(0x80_0000_0000L + 0x1234567)).isEqualTo(0x4000_0000L + 0x1234567);
        assertThat(p2m.translate(0xfff)).isEqualTo(0x80001fffL);
    }

    private static long allocator0() {
        return 0x8000_2000L;
    }

    @Test
    void framesOutsideTheAddressSpaceAreRefusedAndNothingChanges() {
        XenP2m p2m = p2m(36);
        int einval = -Errno.EINVAL.number();
        assertThat(p2m.map(1L << 24, 1, 1, P2mType.RAM_RW)).isEqualTo(einval);
        assertThat(p2m.map((1L << 24) - 1, 1, 2, P2mType.RAM_RW)).isEqualTo(einval);
        assertThat(p2m.map(-1L, 1, 1, P2mType.RAM_RW)).isEqualTo(einval);
        assertThat(p2m.map(1, 1, Long.MAX_VALUE, P2mType.RAM_RW)).isEqualTo(einval);
        assertThat(p2m.map(1, 1, 0, P2mType.RAM_RW)).isEqualTo(einval);
        assertThat(p2m.unmap(1L << 24, 1)).isEqualTo(einval);
        assertThat(p2m.iommuMap(1, 1, 0)).isEqualTo(einval);
        assertThat(allocator.count()).isEqualTo(1);
        assertThat(p2m.translate(1L << 36)).isZero();
    }

    @Test
    void aPartialChangeShattersTheSuperpageByBreakBeforeMake() {
        XenP2m p2m = p2m(40);
        p2m.map(0x40000, 0x80000, 0x40000, P2mType.RAM_RW);
        assertThat(flushes).as("a new mapping needs no invalidation").isEmpty();
        assertThat(p2m.unmap(0x40201, 1)).isZero();
        assertThat(flushes).containsExactly("40000000+40000000", "40200000+200000", "40201000+1000");
        assertThat(p2m.translate(0x4020_1000L)).isZero();
        assertThat(p2m.entry(0x40200)).isEqualTo(0x00800000_802007ffL);
        assertThat(p2m.entry(0x7ffff)).isEqualTo(0x00800000_bfe007fdL);
        assertThat(p2m.map(0x40000, 0x80000, 0x40000, P2mType.RAM_RO)).isZero();
        assertThat(allocator.count()).as("tables under the new superpage are freed").isEqualTo(1);
    }

    @Test
    void theIommuMapsGrantedFramesAndReplacesWithoutComplaint() {
        XenP2m p2m = p2m(48);
        assertThat(p2m.iommuMap(0x1234, 0x1234, Protection.READ)).isZero();
        assertThat(P2mType.of(p2m.entry(0x1234))).isEqualTo(P2mType.IOMMU_MAP_RO);
        assertThat(p2m.iommuMap(0x1234, 0x1234, Protection.READ | Protection.WRITE)).isZero();
        assertThat(P2mType.of(p2m.entry(0x1234))).isEqualTo(P2mType.IOMMU_MAP_RW);
        assertThat(p2m.iommuUnmap(0x1234)).isZero();
        assertThat(p2m.entry(0x1234)).isZero();
        p2m.free();
        assertThat(allocator.count()).isZero();
    }

    @Test
    void randomChangesAgreeWithAMapOfFrames() {
        for (int bits : new int[] {32, 40, 48}) {
            long seed = bits;
            Random random = new Random(seed);
            XenP2m p2m = p2m(bits);
            Map<Long, Long> model = new HashMap<>();
            long base = (1L << bits - 12) - 0x1000;
            for (int i = 0; i < 400; i++) {
                long gfn = base + (random.nextInt(8) << 9) + (random.nextBoolean() ? 0 : random.nextInt(512));
                long pages = Math.min(random.nextBoolean() ? 512 : 1 + random.nextInt(700), base + 0x1000 - gfn);
                boolean map = random.nextInt(3) > 0;
                long mfn = (1 + random.nextInt(100)) * 512L + (random.nextBoolean() ? 0 : random.nextInt(512));
                assertThat(map ? p2m.map(gfn, mfn, pages, P2mType.RAM_RW) : p2m.unmap(gfn, pages)).isZero();
                for (long k = 0; k < pages; k++) {
                    if (map) {
                        model.put(gfn + k, mfn + k);
                    } else {
                        model.remove(gfn + k);
                    }
                }
            }
            for (long k = 0; k < 0x1000; k++) {
                long expected = model.getOrDefault(base + k, 0L) << 12;
                assertThat(p2m.translate(base + k << 12)).as("seed " + seed + " frame " + k).isEqualTo(expected);
            }
        }
    }
}
