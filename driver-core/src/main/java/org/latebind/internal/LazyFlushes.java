package org.latebind.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.dma.DmaSpace;
import org.latebind.iommu.core.DriverMisbehavedException;

/**
 * Ends the wait of unmapped ranges in lazy domains: a fixed time after the first range was queued, everything of the domain is
 * invalidated and the ranges are free again (Linux: {@code IOVA_DEFAULT_TIMEOUT}). Owner thread, except {@link #queued}.
 */
final class LazyFlushes {

    /** Time from the first queued range to the invalidation. */
    static final Duration DELAY = Duration.ofMillis(10);
    private static final long NANOS_PER_MICRO = 1000;

    private final VirtualClock clock;
    private final RealTime real;
    private final Owner owner;
    private final DriverCalls calls;
    private final Journal journal;
    private final Map<DmaSpace, Due> waiting = new LinkedHashMap<>();

    /** Whose invalidation is due when. */
    private record Due(String driver, long atMicros) {
    }

    LazyFlushes(VirtualClock clock, RealTime real, Owner owner, DriverCalls calls, Journal journal) {
        this.clock = clock;
        this.real = real;
        this.owner = owner;
        this.calls = calls;
        this.journal = journal;
    }

    /** A range of a space waits, and none did before; any thread. */
    void queued(String driver, DmaSpace space) {
        owner.execute(() -> {
            waiting.putIfAbsent(space, new Due(driver, clock.now() + DELAY.toNanos() / NANOS_PER_MICRO));
            if (clock.follows()) {
                real.after(DELAY, () -> owner.execute(this::run));
            }
        });
    }

    /** Flushes what is due at the time of the clock. */
    void run() {
        if (waiting.isEmpty()) {
            return;
        }
        long now = clock.now();
        List<DmaSpace> due = new ArrayList<>();
        waiting.forEach((space, when) -> {
            if (when.atMicros() <= now) {
                due.add(space);
            }
        });
        due.forEach(space -> flush(waiting.remove(space).driver(), space));
    }

    /** The domain of a space is about to be closed: nothing may wait any more. */
    void end(String driver, DmaSpace space) {
        waiting.remove(space);
        if (space.queued() > 0) {
            flush(driver, space);
        }
    }

    private void flush(String driver, DmaSpace space) {
        try {
            calls.ask(driver, "flush of a domain", space::flush);
        } catch (DriverMisbehavedException e) {
            journal.add(org.latebind.runtime.LogEntry.Kind.DRIVER_MISBEHAVED, org.latebind.driver.Device.LogLevel.ERROR, "",
                    e.getMessage(), Map.of("driver", e.driver(), "errno", e.errno().name()));
        }
    }
}
