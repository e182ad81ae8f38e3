package org.latebind.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.latebind.iommu.ReservedRegion;

/**
 * Sixteen devices' churn in a 32-bit space with a hundred thousand live ranges of mixed sizes. Every answer is judged by a
 * bitmap of the space: a range is free, aligned, within reach and outside reserved regions, and "no range" is only right when
 * the bitmap has no aligned place either, whatever is kept back by size. {@code latebind.iova.pairs} changes the number
 * of pairs.
 */
class IovaChurnTest {

    private static final int PAIRS = Integer.getInteger("latebind.iova.pairs", 100_000);
    private static final int DEVICES = 16;
    private static final long PAGE = 4096;
    private static final int PAGES = 1 << 20;
    private static final long MASK_32 = 0xffff_ffffL;

    /** One space with its bitmap. */
    private static final class Space {

        private final IovaAllocator addresses;
        private final BitSet taken = new BitSet(PAGES);
        private long livePages;

        Space(ReservedRegion... reserved) {
            addresses = new IovaAllocator(PAGE, 0, MASK_32, List.of(reserved));
            taken.set(0);
            for (ReservedRegion region : reserved) {
                taken.set((int) (region.start() / PAGE), (int) ((region.start() + region.sizeBytes()) / PAGE));
            }
        }

        /** First page, or -1 after proof that there is no place. */
        long take(int pages, long limit) {
            long iova = addresses.allocate(pages * PAGE, limit);
            int rounded = pages <= 32 ? Integer.highestOneBit(2 * pages - 1) : pages;
            int alignment = Integer.highestOneBit(2 * pages - 1);
            int limitPage = (int) (limit / PAGE);
            if (iova == IovaAllocator.NONE) {
                for (int at = limitPage + 1 - rounded & -alignment; at >= 0; at -= alignment) {
                    int next = taken.nextSetBit(at);
                    assertThat(next >= 0 && next < at + rounded).as("%d free pages at %x, yet no range", rounded, at).isTrue();
                }
                return -1;
            }
            int first = (int) (iova / PAGE);
            assertThat(first % alignment).as("alignment of %d pages at %x", pages, iova).isZero();
            assertThat(first + rounded - 1).as("reach").isLessThanOrEqualTo(limitPage);
            int next = taken.nextSetBit(first);
            assertThat(next < 0 || next >= first + rounded).as("%d pages at %x overlap", pages, iova).isTrue();
            taken.set(first, first + rounded);
            livePages += rounded;
            return first;
        }

        void give(long first, int pages) {
            int rounded = pages <= 32 ? Integer.highestOneBit(2 * pages - 1) : pages;
            addresses.free(first * PAGE, pages * PAGE);
            taken.clear((int) first, (int) first + rounded);
            livePages -= rounded;
        }
    }

    private static long limit(int device) {
        return device % 4 == 3 ? 0x3fff_ffffL : MASK_32;
    }

    private static int size(Random random) {
        int dice = random.nextInt(100);
        return dice < 60 ? 1 : dice < 85 ? 1 + random.nextInt(8) : dice < 98 ? 1 + random.nextInt(32) : 33 + random.nextInt(90);
    }

    @Test
    void sixteenDevicesNeverGetAWrongRangeNorAFailureThatTheRulesForbid() {
        Space space = new Space(new ReservedRegion(0x4000_0000L, 0x100_0000, 0, ReservedRegion.Kind.RESERVED),
                new ReservedRegion(0xfee0_0000L, 0x10_0000, 0, ReservedRegion.Kind.MSI));
        Random random = new Random(16);
        int live = 100_000;
        long[] first = new long[live];
        int[] pages = new int[live];
        int failures = 0;
        for (int i = 0; i < live + PAIRS; i++) {
            int slot = i < live ? i : random.nextInt(live);
            if (pages[slot] != 0) {
                space.give(first[slot], pages[slot]);
            }
            pages[slot] = size(random);
            first[slot] = space.take(pages[slot], limit(i % DEVICES));
            if (first[slot] < 0) {
                pages[slot] = 0;
                failures++;
            }
        }
        assertThat(space.addresses.allocatedBytes()).isEqualTo(space.livePages * PAGE);
        assertThat(failures).as("refusals, each shown to be right").isLessThan(PAIRS / 5);
        for (int slot = 0; slot < live; slot++) {
            if (pages[slot] != 0) {
                space.give(first[slot], pages[slot]);
            }
        }
        assertThat(space.addresses.allocatedBytes()).isZero();
        assertThat(space.take(PAGES / 4, MASK_32)).as("everything came together again").isEqualTo(PAGES / 2);
    }

    @Test
    void aFullSpaceRefusesOnlyWhatHasNoPlace() {
        Space space = new Space(new ReservedRegion(0x1000_0000L, 0xf000_0000L, 0, ReservedRegion.Kind.RESERVED));
        Random random = new Random(5);
        List<long[]> held = new ArrayList<>();
        fill(space, held, 1);
        assertThat(held).hasSize(PAGES / 16 - 1);
        for (int round = 0; round < 6; round++) {
            List<long[]> kept = new ArrayList<>();
            for (long[] range : held) {
                if (random.nextInt(3) == 0) {
                    space.give(range[0], (int) range[1]);
                } else {
                    kept.add(range);
                }
            }
            held = kept;
            for (int pages : new int[] {48, 32, 8, 3, 2}) {
                fill(space, held, pages);
            }
        }
        fill(space, held, 1);
        assertThat(space.addresses.allocatedBytes()).as("nothing is lost").isEqualTo(space.livePages * PAGE);
        assertThat(space.taken.cardinality()).isEqualTo(PAGES);
    }

    /** Takes ranges of a size until none is left, which the bitmap confirms. */
    private static void fill(Space space, List<long[]> held, int pages) {
        for (long at = space.take(pages, MASK_32); at >= 0; at = space.take(pages, MASK_32)) {
            held.add(new long[] {at, pages});
        }
    }

    @Test
    void sixteenThreadsShareOneSpaceWithoutOverlap() throws InterruptedException, ExecutionException {
        IovaAllocator addresses = new IovaAllocator(PAGE, 0, MASK_32, List.of());
        AtomicIntegerArray owner = new AtomicIntegerArray(PAGES);
        ExecutorService threads = Executors.newFixedThreadPool(DEVICES);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int t = 1; t <= DEVICES; t++) {
                int thread = t;
                running.add(threads.submit(() -> churn(addresses, owner, thread)));
            }
            for (Future<?> done : running) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(addresses.allocatedBytes()).isZero();
        assertThat(addresses.allocate(PAGE * PAGES / 2, MASK_32)).isEqualTo(0x8000_0000L);
    }

    private static void churn(IovaAllocator addresses, AtomicIntegerArray owner, int thread) {
        Random random = new Random(thread);
        int live = 6250;
        long[] iova = new long[live];
        int[] pages = new int[live];
        for (int i = 0; i < 2 * live + PAIRS / DEVICES; i++) {
            int slot = i < live ? i : random.nextInt(live);
            release(addresses, owner, thread, iova[slot], pages[slot]);
            pages[slot] = 1 << random.nextInt(4);
            iova[slot] = addresses.allocate(pages[slot] * PAGE, MASK_32);
            if (iova[slot] == IovaAllocator.NONE) {
                throw new AssertionError("a space that is half empty refused " + pages[slot] + " pages");
            }
            claim(owner, thread, 0, iova[slot], pages[slot]);
        }
        for (int slot = 0; slot < live; slot++) {
            release(addresses, owner, thread, iova[slot], pages[slot]);
        }
    }

    private static void release(IovaAllocator addresses, AtomicIntegerArray owner, int thread, long iova, int pages) {
        if (pages != 0) {
            claim(owner, 0, thread, iova, pages);
            addresses.free(iova, pages * PAGE);
        }
    }

    private static void claim(AtomicIntegerArray owner, int to, int from, long iova, int pages) {
        for (int i = 0; i < pages; i++) {
            if (!owner.compareAndSet((int) (iova / PAGE) + i, from, to)) {
                throw new AssertionError(String.format("page %x of thread %d is not %d's", iova + i * PAGE, to, from));
            }
        }
    }
}
