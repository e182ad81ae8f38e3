package org.latebind.flight;

import java.util.function.Supplier;

/**
 * The recorder as the core sees it. A runtime image without the module {@code jdk.jfr}, or a framework that does not export
 * it, records nothing. While no recording runs, a question costs the read of a constant and of a flag, and no event object
 * is made. Thread safe.
 */
public final class Flight {

    /** Whether the recorder's classes can be seen from here: a fact of the run, found once. */
    private static final boolean AVAILABLE = available();

    private Flight() {
    }

    private static boolean available() {
        try {
            Class.forName("jdk.jfr.FlightRecorder", false, Flight.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** Something that takes time. */
    public interface Span {

        /** What is used while nobody records. */
        Span NONE = (first, second, text) -> { };

        /**
         * Ends it.
         *
         * @param first  an address, or 0
         * @param second another address, or 0
         * @param text   how it went; not null
         */
        void end(long first, long second, String text);
    }

    /** A driver's probe of a device begins. */
    public static Span probe(String device, String driver) {
        return recording() ? begun(() -> FlightEvents.probe(device, driver)) : Span.NONE;
    }

    /** A mapping begins; its end names bus address and physical address. */
    public static Span map(long sizeBytes) {
        return recording() ? begun(() -> FlightEvents.map(sizeBytes)) : Span.NONE;
    }

    /** An invalidation begins; its end names the first address and the size, or 0 for everything. */
    public static Span invalidate() {
        return recording() ? begun(FlightEvents::invalidate) : Span.NONE;
    }

    /** A probe was deferred. */
    public static void deferred(String device, String driver, String reason) {
        if (recording()) {
            FlightEvents.deferred(device, driver, reason);
        }
    }

    /** A device bound. */
    public static void bound(String device, String driver, String outcome) {
        if (recording()) {
            FlightEvents.bound(device, driver, outcome);
        }
    }

    /** A framework may hide the recorder's inner packages, which only shows when an event is used. */
    private static Span begun(Supplier<Span> event) {
        try {
            return event.get();
        } catch (LinkageError e) {
            return Span.NONE;
        }
    }

    private static boolean recording() {
        return AVAILABLE && FlightEvents.initialized();
    }
}
