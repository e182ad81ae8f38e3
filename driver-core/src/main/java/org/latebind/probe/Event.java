package org.latebind.probe;

import java.util.Objects;

/**
 * Something that happened outside the engine. {@link Probed}, {@link Attached} and {@link Done} answer the awaited action;
 * while one
 * is awaited no other event is accepted: whoever drives the engine queues them. Numbers are those of the {@link Board} and the
 * {@link ModuleCatalogue}.
 */
public sealed interface Event {

    /** The built-in modules register, by rank. */
    record Boot() implements Event { }

    /** A module is loaded: all its drivers register. Refused when it is loaded already. */
    record Load(int module) implements Event { }

    /**
     * A module is unloaded. Refused for a built-in, for one that is not loaded, and for one in use.
     *
     * @param module the module
     * @param forced whether it goes even when in use, as a stopping bundle does
     */
    record Unload(int module, boolean forced) implements Event { }

    /** One driver registers, whatever its module (a driver service appeared). */
    record RegisterDriver(int driver) implements Event { }

    /** One driver goes, in use or not (a driver service left). */
    record UnregisterDriver(int driver) implements Event { }

    /** A driver without any relation to the board registers; it restarts the timer. */
    record RegisterUnrelated() implements Event { }

    /** The kernel's {@code late_initcall}; live: the framework's start level is reached. */
    record LateInit() implements Event { }

    /** User space starts ({@code system_state} is RUNNING). */
    record Init() implements Event { }

    /** The deferred-probe timer fires now, whatever the clock says. Refused when it is not armed. */
    record Expire() implements Event { }

    /** Virtual time goes on to this moment; the timer fires on the way when it is due. Never goes back. */
    record Advance(long toMicros) implements Event { }

    /** Bind by hand; {@code driver} -1 for any that matches ({@code drivers_probe}). */
    record Bind(int device, int driver) implements Event { }

    /** Unbind by hand. Refused when not bound or when the driver offers none. */
    record Unbind(int device) implements Event { }

    /** A device appears (again). */
    record AddDevice(int device) implements Event { }

    /** A device disappears. */
    record RemoveDevice(int device) implements Event { }

    /** Only this driver may match the device from now on; -1 lifts the restriction. */
    record DriverOverride(int device, int driver) implements Event { }

    /** From now on the driver's probe of this device fails with {@code errno}; 0 lifts it. Driver -1: any driver. */
    record InjectFailure(int driver, int device, int errno) implements Event { }

    /** Every probe defers from now on. */
    record Suspend() implements Event { }

    /** Probes run again; everything deferred is retried. */
    record Resume() implements Event { }

    /** With {@link Parameters#asyncChoice()}: the asynchronous probe of this device runs next. */
    record RunAsync(int device) implements Event { }

    /** Answer to {@link Action.Probe}. */
    record Probed(ProbeAnswer answer) implements Event {
        /** Checks. */
        public Probed {
            Objects.requireNonNull(answer, "answer");
        }
    }

    /** Answer to {@link Action.Attach}. */
    record Attached(AttachAnswer answer) implements Event {
        /** Checks. */
        public Attached {
            Objects.requireNonNull(answer, "answer");
        }
    }

    /** Answer to {@link Action.Remove} and {@link Action.Release}. */
    record Done() implements Event { }
}
