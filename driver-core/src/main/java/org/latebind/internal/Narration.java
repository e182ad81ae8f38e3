package org.latebind.internal;

import java.util.HashMap;
import java.util.Map;
import org.latebind.driver.Device.LogLevel;
import org.latebind.driver.Errno;
import org.latebind.flight.Flight;
import org.latebind.iommu.core.Group;
import org.latebind.iommu.core.IommuCore;
import org.latebind.iommu.core.StreamClient;
import org.latebind.probe.LogRecord;
import org.latebind.probe.StateView;
import org.latebind.runtime.LogEntry.Kind;

/** Turns the engine's steps into lines of the log. Owner thread. */
final class Narration {

    private final IommuCore iommus;
    private final Clients clients;
    private final Journal journal;
    private final DriverTable drivers;

    Narration(IommuCore iommus, Clients clients, Journal journal, DriverTable drivers) {
        this.drivers = drivers;
        this.iommus = iommus;
        this.clients = clients;
        this.journal = journal;
    }

    /**
     * Writes one step.
     *
     * @param step what happened
     * @param view the state after the event it belongs to
     */
    void tell(LogRecord step, StateView view) {
        String device = step.device() < 0 ? "" : view.board().device(step.device()).path();
        String driver = step.driver() < 0 ? "" : view.catalogue().driver(step.driver()).name();
        Map<String, String> details = new HashMap<>();
        details.put("step", step.kind().name());
        if (!driver.isEmpty()) {
            details.put("driver", driver);
        }
        LiveDriver live = step.kind() == LogRecord.Kind.DRIVER_REGISTERED || step.kind() == LogRecord.Kind.DRIVER_UNREGISTERED
                ? drivers.named(driver) : null;
        if (live != null) {
            details.put("bundle", live.bundle());
        }
        record(step, device, driver, view);
        Line line = line(step, view, driver, details);
        String subject = !device.isEmpty() ? device : line.subject() != null ? line.subject() : driver;
        journal.add(line.kind(), line.level(), subject, line.text(), details);
    }

    private static void record(LogRecord step, String device, String driver, StateView view) {
        if (step.kind() == LogRecord.Kind.DEFERRED) {
            Flight.deferred(device, driver, step.text());
        } else if (step.kind() == LogRecord.Kind.BOUND) {
            Flight.bound(device, driver, view.outcome(step.device()).name());
        }
    }

    /** What a step is in the log; subject null for that of the device or driver. */
    private record Line(Kind kind, LogLevel level, String subject, String text) {

        static Line info(Kind kind, String text) {
            return new Line(kind, LogLevel.INFO, null, text);
        }

        static Line debug(Kind kind, String text) {
            return new Line(kind, LogLevel.DEBUG, null, text);
        }

        static Line warning(Kind kind, String text) {
            return new Line(kind, LogLevel.WARNING, null, text);
        }
    }

    private Line line(LogRecord step, StateView view, String driver, Map<String, String> details) {
        return switch (step.kind()) {
            case BOUND -> bound(step, view, driver, details);
            case DEFERRED -> deferred(step, details);
            case FAILED -> failed(step, driver, details);
            case UNBOUND -> Line.info(Kind.RELEASED, driver + " unbound");
            case FORCED_OFF -> Line.info(Kind.RELEASED, driver + " unbound because "
                    + (step.other() < 0 ? "a supplier" : view.board().device(step.other()).path()) + " goes");
            case GROUP_JOINED -> joined(step, details);
            case GROUP_LEFT -> {
                details.put("group", Integer.toString(step.other()));
                yield Line.info(Kind.GROUP_LEFT, "Removing from iommu group " + step.other());
            }
            case IOMMU_REGISTERED -> new Line(Kind.IOMMU_ADDED, LogLevel.INFO, iommu(step, view), "IOMMU registered");
            case IOMMU_UNREGISTERED -> new Line(Kind.IOMMU_REMOVED, LogLevel.INFO, iommu(step, view), "IOMMU unregistered");
            case REFUSED_BY_IOMMU -> Line.info(Kind.EVENT, "not translated by " + iommu(step, view)
                    + (step.text().isEmpty() ? "" : ": " + step.text()));
            default -> other(step, view);
        };
    }

    private static String iommu(LogRecord step, StateView view) {
        return step.other() < 0 ? "" : view.board().iommuPath(step.other());
    }

    private static Line bound(LogRecord step, StateView view, String driver, Map<String, String> details) {
        details.put("outcome", view.outcome(step.device()).name());
        return Line.info(Kind.BOUND, "bound to " + driver);
    }

    private static Line deferred(LogRecord step, Map<String, String> details) {
        details.put("reason", step.text());
        return Line.debug(Kind.DEFERRED, step.text().isEmpty() ? "probe deferred" : "probe deferred: " + step.text());
    }

    private static Line failed(LogRecord step, String driver, Map<String, String> details) {
        Errno errno = step.other() <= 0 ? null : Errno.of(step.other());
        String error = errno == null ? Integer.toString(step.other()) : errno.name();
        details.put("errno", error);
        boolean quiet = errno == Errno.ENODEV || errno == Errno.ENXIO;
        return new Line(Kind.FAILED, quiet ? LogLevel.DEBUG : LogLevel.ERROR, null, "probe with driver " + driver
                + " failed with error " + error + (step.text().isEmpty() ? "" : ": " + step.text()));
    }

    private Line joined(LogRecord step, Map<String, String> details) {
        details.put("group", Integer.toString(step.other()));
        StreamClient client = clients.find(step.device());
        Group group = client == null ? null : iommus.groupOf(client).orElse(null);
        if (group != null) {
            details.put("iommu", group.unit().path());
            details.put("domain", group.current().type().name());
            details.put("ids", String.join(",",
                    java.util.Arrays.stream(client.ids()).mapToObj(Integer::toUnsignedString).toList()));
        }
        return Line.info(Kind.GROUP_JOINED, "Adding to iommu group " + step.other());
    }

    private static Line other(LogRecord step, StateView view) {
        String text = step.text();
        return switch (step.kind()) {
            case DRIVER_REGISTERED -> Line.info(Kind.DRIVER_ADDED, "driver registered");
            case DRIVER_UNREGISTERED -> Line.info(Kind.DRIVER_REMOVED, "driver unregistered");
            case ATTEMPT -> Line.debug(Kind.ATTEMPT, "probe");
            case TIMER_ARMED -> new Line(Kind.TIMER, LogLevel.INFO, "deferred_probe_timeout", "armed for " + step.other() + " s");
            case TIMER_EXPIRED -> new Line(Kind.TIMER, LogLevel.INFO, "deferred_probe_timeout", "expired");
            case TIMED_OUT -> Line.warning(Kind.TIMER, "deferred probe timeout, ignoring dependency on " + iommu(step, view));
            case STILL_PENDING -> Line.warning(Kind.TIMER,
                    "deferred probe pending: " + (text.isEmpty() ? "(reason unknown)" : text));
            case SYNC_STATE -> text.isEmpty() ? Line.debug(Kind.EVENT, "sync_state(): all consumers are bound")
                    : Line.warning(Kind.TIMER, "Timed out. Forcing sync_state()");
            case SYNC_STATE_PENDING -> Line.warning(Kind.TIMER,
                    "sync_state() pending due to " + view.board().device(step.other()).path());
            case REFUSED -> Line.warning(Kind.COMMAND, text);
            case PANIC -> new Line(Kind.BOARD, LogLevel.ERROR, null, text.isEmpty() ? "panic" : text);
            case DEVICE_ADDED, DEVICE_REMOVED, TRIGGER, RETRY, LINK_RELAXED, LOADED, UNLOADED, LATE_INIT, INIT,
                SUSPEND, RESUME -> Line.debug(Kind.EVENT, word(step.kind()) + (text.isEmpty() ? "" : ": " + text));
            case BOUND, DEFERRED, FAILED, UNBOUND, FORCED_OFF, GROUP_JOINED, GROUP_LEFT, IOMMU_REGISTERED, IOMMU_UNREGISTERED,
                REFUSED_BY_IOMMU -> throw new IllegalStateException("told elsewhere: " + step);
        };
    }

    private static String word(LogRecord.Kind kind) {
        return kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
}
