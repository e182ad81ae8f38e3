package org.latebind.it;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.latebind.runtime.DriverCore;
import org.latebind.runtime.LogEntry;

/** Waits for one log entry. */
final class LogWatch {

    private final CompletableFuture<LogEntry> seen = new CompletableFuture<>();
    private final DriverCore.Subscription subscription;

    private LogWatch(DriverCore core, Predicate<LogEntry> wanted) {
        subscription = core.listen(entry -> {
            if (wanted.test(entry)) {
                seen.complete(entry);
            }
        });
    }

    static LogWatch on(DriverCore core, Predicate<LogEntry> wanted) {
        return new LogWatch(core, wanted);
    }

    LogEntry await() throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return seen.get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } finally {
            subscription.close();
        }
    }
}
