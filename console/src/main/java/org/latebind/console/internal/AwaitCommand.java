package org.latebind.console.internal;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.felix.service.command.Descriptor;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverCore;
import org.latebind.runtime.LogEntry;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Waits for a device, for scripts whose drivers come from outside. */
@Component(service = AwaitCommand.class, property = {"osgi.command.scope=latebind", "osgi.command.function=await"})
public final class AwaitCommand {

    private static final int SECONDS_DEFAULT = 60;

    private final DriverCore core;

    /** Takes the core. */
    @Activate
    public AwaitCommand(@Reference DriverCore core) {
        this.core = core;
    }

    /** Waits a minute. */
    @Descriptor("waits up to a minute until a device has an outcome")
    public String await(@Descriptor("path of the device, or its end") String device,
            @Descriptor("outcome, for example BOUND_TRANSLATED") String outcome) throws InterruptedException {
        return await(device, outcome, SECONDS_DEFAULT);
    }

    /** Waits. */
    @Descriptor("waits until a device has an outcome")
    public String await(@Descriptor("path of the device, or its end") String device,
            @Descriptor("outcome, for example BOUND_TRANSLATED") String outcome,
            @Descriptor("longest wait in seconds") int seconds) throws InterruptedException {
        LinkedBlockingQueue<LogEntry> news = new LinkedBlockingQueue<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        DriverCore.Subscription subscription = core.listen(news::add);
        try {
            DeviceStatus now = status(device);
            while (!now.outcome().equals(outcome)) {
                if (news.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS) == null) {
                    throw new IllegalStateException(now.path() + " is " + now.outcome() + " after " + seconds + " s, not " + outcome);
                }
                core.awaitIdle(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
                news.clear();
                now = status(device);
            }
            return now.path() + " is " + outcome;
        } finally {
            subscription.close();
        }
    }

    private DeviceStatus status(String device) {
        return core.snapshot().devices().stream()
                .filter(one -> one.path().equals(device) || one.path().endsWith("/" + device)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no device " + device));
    }
}
