package org.latebind.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.latebind.hardware.PageAllocator;

class MemoryAllocatorTest {

    private final SparseMemory memory = new SparseMemory(List.of(
            new MemoryRange(0x8000_0000L, 0x100_0000), new MemoryRange(0x1_0000_0000L, 0x4000_0040L)));
    private final MemoryAllocator allocator = new MemoryAllocator(memory);

    @Test
    void freshPagesComeUpwardsFromTheStart() {
        assertThat(allocator.allocate(0x1000, 0x1000, 64)).isEqualTo(0x8000_0000L);
        assertThat(allocator.allocate(0x1000, 0x1000, 64)).isEqualTo(0x8000_1000L);
        assertThat(allocator.allocate(0x2000, 0x2000, 64)).isEqualTo(0x8000_2000L);
        assertThat(allocator.allocatedBytes()).isEqualTo(0x4000);
    }

    @Test
    void memoryIsZeroedOnEveryAllocation() {
        long a = allocator.allocate(64, 64, 64);
        memory.write64(a, -1);
        allocator.free(a, 64);
        assertThat(allocator.allocate(64, 64, 64)).isEqualTo(a);
        assertThat(memory.read64(a)).isZero();
    }

    @Test
    void theAddressLimitIsKeptAndExhaustionIsAValue() {
        long big = allocator.allocate(0x100_0000, 8, 32);
        assertThat(big).isEqualTo(0x8000_0000L);
        assertThat(allocator.allocate(64, 64, 32)).isEqualTo(PageAllocator.NONE);
        assertThat(allocator.allocate(64, 64, 33)).isNotZero();
    }

    @Test
    void freeOfSomethingElseIsRefused() {
        long a = allocator.allocate(0x1000, 0x1000, 64);
        assertThatThrownBy(() -> allocator.free(a, 0x2000)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> allocator.free(a + 0x40, 0x40)).isInstanceOf(IllegalArgumentException.class);
        allocator.free(a, 0x1000);
        assertThatThrownBy(() -> allocator.free(a, 0x1000)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void randomAllocationsNeverOverlapAndMergeAgainToTheFullSize() {
        long seed = 11;
        Random random = new Random(seed);
        List<MemoryRange> held = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            if (random.nextInt(3) > 0 || held.isEmpty()) {
                long size = 1 + random.nextInt(1 << 3 + random.nextInt(12));
                long alignment = 8L << random.nextInt(14);
                long address = allocator.allocate(size, alignment, 40);
                assertThat(address & alignment - 1).as("seed " + seed).isZero();
                MemoryRange range = new MemoryRange(address, size + 63 & -64L);
                if (i % 16 == 0) {
                    assertThat(held).as("seed " + seed).noneMatch(range::overlaps);
                }
                held.add(range);
            } else {
                MemoryRange range = held.remove(random.nextInt(held.size()));
                allocator.free(range.start(), range.sizeBytes());
            }
        }
        held.forEach(r -> allocator.free(r.start(), r.sizeBytes()));
        assertThat(allocator.allocatedBytes()).isZero();
        assertThat(allocator.allocate(0x100_0000, 0x100_0000, 32)).isEqualTo(0x8000_0000L);
        assertThat(allocator.allocate(0x4000_0000L, 0x4000_0000L, 64)).isEqualTo(0x1_0000_0000L);
    }
}
