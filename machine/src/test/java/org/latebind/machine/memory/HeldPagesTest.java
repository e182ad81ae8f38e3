package org.latebind.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.latebind.hardware.PageAllocator;

/** Goal: a held page never comes back from the allocator before its last hold ends. */
class HeldPagesTest {

    private final PageAllocator pages = new MemoryAllocator(new SparseMemory(0x1000, 0x2000));

    @Test
    void aFreeOfHeldMemoryTakesEffectAtTheLastRelease() {
        long page = pages.allocate(4096, 4096, 64);
        pages.hold(page, 4096);
        pages.hold(page, 4096);
        pages.free(page, 4096);
        assertThat(pages.allocate(4096, 4096, 64)).isNotEqualTo(page).isNotEqualTo(PageAllocator.NONE);
        assertThat(pages.allocate(4096, 4096, 64)).isEqualTo(PageAllocator.NONE);
        pages.release(page, 4096);
        assertThat(pages.allocate(4096, 4096, 64)).isEqualTo(PageAllocator.NONE);
        pages.release(page, 4096);
        assertThat(pages.allocate(4096, 4096, 64)).isEqualTo(page);
    }

    @Test
    void aHoldThatEndsBeforeTheFreeChangesNothing() {
        long page = pages.allocate(4096, 4096, 64);
        pages.hold(page, 4096);
        pages.release(page, 4096);
        pages.free(page, 4096);
        assertThat(pages.allocatedBytes()).isZero();
    }

    @Test
    void aSecondFreeOfHeldMemoryIsRefused() {
        long page = pages.allocate(4096, 4096, 64);
        pages.hold(page, 4096);
        pages.free(page, 4096);
        assertThatThrownBy(() -> pages.free(page, 4096)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aReleaseWithoutAHoldIsRefused() {
        assertThatThrownBy(() -> pages.release(0x1000, 4096)).isInstanceOf(IllegalArgumentException.class);
    }
}
