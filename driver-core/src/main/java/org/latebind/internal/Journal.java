package org.latebind.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.latebind.driver.Device.LogLevel;
import org.latebind.runtime.DriverCore.Subscription;
import org.latebind.runtime.LogEntry;

/** The log. Any thread may append; listeners are called one entry at a time, in order, by the executor they were given. */
final class Journal {

    private final List<LogEntry> entries = new ArrayList<>();
    private final List<Consumer<LogEntry>> listeners = new CopyOnWriteArrayList<>();
    private final LongSupplier timeNanos;
    private final java.util.concurrent.Executor delivery;

    /**
     * Makes an empty log.
     *
     * @param timeNanos virtual time of an entry
     * @param delivery  where listeners are called, in order; not a thread the core needs
     */
    Journal(LongSupplier timeNanos, java.util.concurrent.Executor delivery) {
        this.timeNanos = timeNanos;
        this.delivery = delivery;
    }

    void add(LogEntry.Kind kind, LogLevel level, String subject, String text, Map<String, String> details) {
        LogEntry entry;
        synchronized (entries) {
            entry = new LogEntry(entries.size(), timeNanos.getAsLong(), kind, level, subject, text, details);
            entries.add(entry);
            if (!listeners.isEmpty()) {
                delivery.execute(() -> deliver(entry));
            }
        }
    }

    void add(LogEntry.Kind kind, LogLevel level, String subject, String text) {
        add(kind, level, subject, text, Map.of());
    }

    private void deliver(LogEntry entry) {
        for (Consumer<LogEntry> listener : listeners) {
            listener.accept(entry);
        }
    }

    List<LogEntry> entries() {
        synchronized (entries) {
            return List.copyOf(entries);
        }
    }

    Subscription listen(Consumer<LogEntry> listener) {
        Consumer<LogEntry> own = listener::accept;
        listeners.add(own);
        return () -> listeners.remove(own);
    }
}
