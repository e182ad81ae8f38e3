package org.latebind.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.dma.DmaFactory;
import org.latebind.dma.DmaFacts;
import org.latebind.dma.DmaSpace;
import org.latebind.dma.TableDomain;
import org.latebind.iommu.DomainType;
import org.latebind.pagetable.TestMemory;

/** Unmapped ranges of a lazy domain wait ten milliseconds of virtual time, and never longer than their domain lives. */
class LazyFlushesTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    /** A real clock whose orders the test carries out. */
    private static final class Orders implements RealTime {
        private final List<Duration> delays = new ArrayList<>();
        private final List<Runnable> tasks = new ArrayList<>();
        private final ManualTime waits = new ManualTime();
        private volatile long nanos;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public boolean await(CountDownLatch latch, Duration limit) throws InterruptedException {
            return waits.await(latch, limit);
        }

        @Override
        public Timer after(Duration delay, Runnable task) {
            delays.add(delay);
            tasks.add(task);
            return () -> { };
        }
    }

    private final Orders time = new Orders();
    private final Owner owner = new Owner("test-core", time, e -> { });
    private final DriverCalls calls = new DriverCalls(time, LONG, (driver, text) -> { });
    private final TableDomain domain = new TableDomain(DomainType.DMA_FQ, 32);

    @AfterEach
    void close() {
        calls.close();
        owner.close();
    }

    private LazyFlushes flushes(VirtualClock clock) {
        return new LazyFlushes(clock, time, owner, calls, new Journal(clock::nanos, Runnable::run));
    }

    private DmaSpace space(LazyFlushes flushes) {
        return new DmaSpace(domain, List.of(), waiting -> flushes.queued("toy", waiting));
    }

    private void mapAndUnmap(DmaSpace space) {
        DmaApi api = new DmaFactory(domain.memory, new TestMemory.Allocator(0x2000_0000L)).translated(space,
                new DmaFacts(DmaFacts.MASK_32, -1L, List.of(), true, false));
        long address = api.map(0x1000, 0x1000, Direction.TO_DEVICE, 0);
        api.unmap(address, 0x1000, Direction.TO_DEVICE, 0);
        owner.awaitIdle(LONG);
    }

    private void onOwner(Runnable task) {
        assertThat(owner.runAndWait(task, LONG)).isTrue();
    }

    @Test
    void aStandingClockFlushesWhenItIsMovedTenMilliseconds() {
        VirtualClock clock = new VirtualClock(time, false, () -> { });
        LazyFlushes flushes = flushes(clock);
        DmaSpace space = space(flushes);
        mapAndUnmap(space);
        onOwner(() -> {
            clock.moveTo(9_999);
            flushes.run();
        });
        assertThat(space.queued()).isEqualTo(1);
        onOwner(() -> {
            clock.moveTo(10_000);
            flushes.run();
        });
        assertThat(space.queued()).isZero();
        assertThat(domain.calls).last().asString().isEqualTo("flush");
    }

    @Test
    void aRunningClockOrdersOneWakeUpForTheFirstRange() {
        LazyFlushes flushes = flushes(new VirtualClock(time, true, () -> { }));
        DmaSpace space = space(flushes);
        mapAndUnmap(space);
        mapAndUnmap(space);
        assertThat(time.delays).containsExactly(Duration.ofMillis(10));
        assertThat(space.queued()).isEqualTo(2);
        time.nanos = Duration.ofMillis(10).toNanos();
        time.tasks.get(0).run();
        owner.awaitIdle(LONG);
        assertThat(space.queued()).isZero();
        mapAndUnmap(space);
        assertThat(time.delays).as("the next first range").hasSize(2);
    }

    @Test
    void aSpaceThatEndsIsFlushedAtOnceAndForgotten() {
        VirtualClock clock = new VirtualClock(time, false, () -> { });
        LazyFlushes flushes = flushes(clock);
        DmaSpace space = space(flushes);
        mapAndUnmap(space);
        onOwner(() -> flushes.end("toy", space));
        assertThat(space.queued()).isZero();
        domain.calls.clear();
        onOwner(() -> {
            clock.moveTo(20_000);
            flushes.run();
        });
        assertThat(domain.calls).isEmpty();
    }
}
