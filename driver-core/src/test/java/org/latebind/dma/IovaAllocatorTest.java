package org.latebind.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.latebind.iommu.ReservedRegion;

class IovaAllocatorTest {

    private static final long MASK_32 = 0xffff_ffffL;

    private static IovaAllocator over(long end, ReservedRegion... reserved) {
        return new IovaAllocator(4096, 0, end, List.of(reserved));
    }

    @Test
    void addressesComeFromTheTopOfWhatTheDeviceReaches() {
        IovaAllocator a = over((1L << 48) - 1);
        assertThat(a.allocate(4096, MASK_32)).isEqualTo(0xffff_f000L);
        assertThat(a.allocate(4096, MASK_32)).isEqualTo(0xffff_e000L);
        assertThat(a.allocate(1, -1L)).isEqualTo(0xffff_ffff_f000L);
        assertThat(a.allocate(4096, 0x1fff)).isEqualTo(0x1000);
        assertThat(a.allocate(4096, 0x1fff)).as("page 0 is never used").isZero();
    }

    @Test
    void rangesAreAlignedToTheNextPowerOfTwo() {
        IovaAllocator a = over(MASK_32);
        a.allocate(4096, MASK_32);
        assertThat(a.allocate(3 * 4096, MASK_32)).isEqualTo(0xffff_8000L);
        assertThat(a.allocate(40 * 4096, MASK_32)).isEqualTo(0xfffc_0000L);
        assertThat(a.allocate(1L << 21, MASK_32)).isEqualTo(0xffc0_0000L);
    }

    @Test
    void reservedRegionsAreLeftOutExceptTheSoftwareWindowForDoorbells() {
        IovaAllocator a = over(0xf_ffff, new ReservedRegion(0xf_0000, 0x1_0000, 0, ReservedRegion.Kind.MSI),
                new ReservedRegion(0xe_0000, 0xf800, 0, ReservedRegion.Kind.RESERVED),
                new ReservedRegion(0xd_0000, 0x1_0000, 0, ReservedRegion.Kind.SW_MSI));
        assertThat(a.allocate(4096, -1L)).isEqualTo(0xd_f000);
    }

    @Test
    void anExhaustedSpaceIsAValueAndKeptRangesDoNotCauseIt() {
        IovaAllocator a = over(0xff_ffff);
        List<Long> pages = new ArrayList<>();
        for (long iova = a.allocate(4096, -1L); iova != IovaAllocator.NONE; iova = a.allocate(4096, -1L)) {
            pages.add(iova);
        }
        assertThat(pages).hasSize(4095);
        pages.forEach(p -> a.free(p, 4096));
        assertThat(a.allocate(0x80_0000, -1L)).as("half of the space in one piece").isEqualTo(0x80_0000);
        assertThat(a.allocatedBytes()).isEqualTo(0x80_0000);
    }

    @Test
    void theAperturesEndsNeedNotBePageAligned() {
        IovaAllocator a = new IovaAllocator(0x1_0000, 0x1_8000, 0x4_7fff, List.of());
        assertThat(a.allocate(1, -1L)).isEqualTo(0x3_0000);
        assertThat(a.allocate(1, -1L)).isEqualTo(0x2_0000);
        assertThat(a.allocate(1, -1L)).isZero();
    }

    /** Against a bit per page: nothing overlaps, and what fails has indeed no aligned place. */
    @Test
    void randomAllocationsAgreeWithABitPerPage() {
        for (long seed = 0; seed < 6; seed++) {
            Random random = new Random(seed);
            int pages = 1 << 11;
            IovaAllocator a = over(pages * 4096L - 1);
            BitSet used = new BitSet(pages);
            used.set(0);
            List<long[]> live = new ArrayList<>();
            for (int i = 0; i < 4000; i++) {
                if (random.nextInt(5) < 3) {
                    int wanted = 1 + random.nextInt(1 << random.nextInt(8));
                    int limit = random.nextBoolean() ? pages : pages / 2;
                    long iova = a.allocate(wanted * 4096L, limit * 4096L - 1);
                    int size = wanted <= 32 ? Integer.highestOneBit(2 * wanted - 1) : wanted;
                    int first = (int) (iova >>> 12);
                    if (iova == 0) {
                        assertThat(fits(used, size, limit)).as("seed %d step %d, %d pages", seed, i, size).isFalse();
                    } else {
                        assertThat(used.get(first, first + size).isEmpty()).as("seed %d step %d", seed, i).isTrue();
                        assertThat(first % Integer.highestOneBit(2 * size - 1)).isZero();
                        assertThat(first + size).isLessThanOrEqualTo(limit);
                        used.set(first, first + size);
                        live.add(new long[] {iova, wanted, size});
                    }
                } else if (!live.isEmpty()) {
                    long[] gone = live.remove(random.nextInt(live.size()));
                    a.free(gone[0], gone[1] * 4096);
                    used.clear((int) (gone[0] >>> 12), (int) (gone[0] >>> 12) + (int) gone[2]);
                }
            }
        }
    }

    private static boolean fits(BitSet used, int size, int limit) {
        int step = Integer.highestOneBit(2 * size - 1);
        for (int at = 0; at + size <= limit; at += step) {
            if (used.get(at, at + size).isEmpty()) {
                return true;
            }
        }
        return false;
    }
}
