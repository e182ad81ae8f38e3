package org.latebind.flight;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The events themselves. Only touched when the recorder is there. */
final class FlightEvents {

    private static final String CATEGORY = "Latebind";

    private FlightEvents() {
    }

    /** Whether anybody ever recorded in this process; before that no event class is loaded. */
    static boolean initialized() {
        return FlightRecorder.isInitialized();
    }

    /**
     * Commits, where that can be done: the recorder writes calls into its inner packages into event classes, and a framework that
     * does not delegate {@code jdk.jfr.internal.*} to the boot class path has no such classes for a bundle.
     */
    private static void commit(Event event) {
        try {
            event.commit();
        } catch (LinkageError e) {
            // Nothing is recorded in such a framework.
            return;
        }
    }

    static Flight.Span probe(String device, String driver) {
        Probe event = new Probe();
        event.device = device;
        event.driver = driver;
        event.begin();
        return (first, second, text) -> {
            event.result = text;
            commit(event);
        };
    }

    static Flight.Span map(long sizeBytes) {
        Map event = new Map();
        if (!event.isEnabled()) {
            return Flight.Span.NONE;
        }
        event.sizeBytes = sizeBytes;
        event.begin();
        return (iova, physical, text) -> {
            event.iova = iova;
            event.physicalAddress = physical;
            commit(event);
        };
    }

    static Flight.Span invalidate() {
        Invalidate event = new Invalidate();
        if (!event.isEnabled()) {
            return Flight.Span.NONE;
        }
        event.begin();
        return (iova, sizeBytes, text) -> {
            event.iova = iova;
            event.sizeBytes = sizeBytes;
            event.range = text;
            commit(event);
        };
    }

    static void deferred(String device, String driver, String reason) {
        Defer event = new Defer();
        event.device = device;
        event.driver = driver;
        event.reason = reason;
        commit(event);
    }

    static void bound(String device, String driver, String outcome) {
        Bind event = new Bind();
        event.device = device;
        event.driver = driver;
        event.outcome = outcome;
        commit(event);
    }

    @Name("latebind.Probe")
    @Label("Probe")
    @Category(CATEGORY)
    @StackTrace(false)
    static final class Probe extends Event {
        @Label("Device") String device;
        @Label("Driver") String driver;
        @Label("Result") String result;
    }

    @Name("latebind.Defer")
    @Label("Probe deferred")
    @Category(CATEGORY)
    @StackTrace(false)
    static final class Defer extends Event {
        @Label("Device") String device;
        @Label("Driver") String driver;
        @Label("Reason") String reason;
    }

    @Name("latebind.Bind")
    @Label("Device bound")
    @Category(CATEGORY)
    @StackTrace(false)
    static final class Bind extends Event {
        @Label("Device") String device;
        @Label("Driver") String driver;
        @Label("Outcome") String outcome;
    }

    @Name("latebind.Map")
    @Label("DMA map")
    @Category(CATEGORY)
    @StackTrace(false)
    static final class Map extends Event {
        @Label("Bus address") long iova;
        @Label("Physical address") long physicalAddress;
        @Label("Size in bytes") long sizeBytes;
    }

    @Name("latebind.Invalidate")
    @Label("IOTLB invalidation")
    @Category(CATEGORY)
    @StackTrace(false)
    static final class Invalidate extends Event {
        @Label("First bus address") long iova;
        @Label("Size in bytes") long sizeBytes;
        @Label("Range") String range;
    }
}
