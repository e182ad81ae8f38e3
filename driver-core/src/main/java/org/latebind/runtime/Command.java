package org.latebind.runtime;

import java.util.Objects;
import java.util.Optional;
import org.latebind.driver.Errno;
import org.latebind.schedule.ScheduleEvent;

/** What a person, a script or the framework asks of the core; one for each event of the schedule language. */
public sealed interface Command {

    /**
     * What a schedule's event asks of the core.
     *
     * @param event an event; not null
     * @return empty for events that others carry out (modules, transfers) and for those that only the model knows
     */
    static Optional<Command> of(ScheduleEvent event) {
        Command command = null;
        if (event instanceof ScheduleEvent.LateInit) {
            command = new LateInit();
        } else if (event instanceof ScheduleEvent.Expire) {
            command = new Expire();
        } else if (event instanceof ScheduleEvent.Advance e) {
            command = new Advance(Math.multiplyExact(e.micros(), 1_000L));
        } else if (event instanceof ScheduleEvent.Bind e) {
            command = new Bind(e.device(), e.driver());
        } else if (event instanceof ScheduleEvent.Unbind e) {
            command = new Unbind(e.device());
        } else if (event instanceof ScheduleEvent.DriverOverride e) {
            command = new DriverOverride(e.device(), e.driver());
        } else if (event instanceof ScheduleEvent.Init) {
            command = new Init();
        } else if (event instanceof ScheduleEvent.Suspend) {
            command = new Suspend();
        } else if (event instanceof ScheduleEvent.Resume) {
            command = new Resume();
        } else if (event instanceof ScheduleEvent.Register) {
            command = new RegisterUnrelated();
        } else if (event instanceof ScheduleEvent.Fail e) {
            command = new Fail(e.driver(), e.device(), e.errno());
        } else if (event instanceof ScheduleEvent.Param e) {
            command = new SetParameter(e.name(), e.value());
        }
        return Optional.ofNullable(command);
    }

    /** All built-in drivers are registered (Linux: {@code late_initcall}; here: the start level is reached). */
    record LateInit() implements Command {
    }

    /** User space starts. */
    record Init() implements Command {
    }

    /** Every probe defers from now on. */
    record Suspend() implements Command {
    }

    /** Probes run again; everything deferred is retried. */
    record Resume() implements Command {
    }

    /** A driver without any relation to the board registers; it restarts the deferral timer. */
    record RegisterUnrelated() implements Command {
    }

    /** The deferral timer fires now, whatever the clock says; refused when no timer runs. */
    record Expire() implements Command {
    }

    /**
     * Lets virtual time pass; timers that fall due on the way fire.
     *
     * @param nanos 0 or more
     */
    record Advance(long nanos) implements Command {
    }

    /**
     * Binds by hand (Linux: sysfs {@code bind}).
     *
     * @param device path; not null
     * @param driver driver name, or null for the first that matches
     */
    record Bind(String device, String driver) implements Command {

        /** Checks the arguments. */
        public Bind {
            Objects.requireNonNull(device, "device");
        }
    }

    /**
     * Unbinds by hand (Linux: sysfs {@code unbind}).
     *
     * @param device path; not null
     */
    record Unbind(String device) implements Command {

        /** Checks the arguments. */
        public Unbind {
            Objects.requireNonNull(device, "device");
        }
    }

    /**
     * Only one driver may match a device from now on (Linux: sysfs {@code driver_override}); nobody is bound or unbound by it.
     *
     * @param device path; not null
     * @param driver driver name, or null to lift it
     */
    record DriverOverride(String device, String driver) implements Command {

        /** Checks the arguments. */
        public DriverOverride {
            Objects.requireNonNull(device, "device");
        }
    }

    /**
     * From now on a driver's probe of a device fails without the driver being asked.
     *
     * @param driver driver name; not null
     * @param device path; not null
     * @param errno  the failure, or null to lift it
     */
    record Fail(String driver, String device, Errno errno) implements Command {

        /** Checks the arguments. */
        public Fail {
            Objects.requireNonNull(driver, "driver");
            Objects.requireNonNull(device, "device");
        }
    }

    /**
     * Sets a parameter by its kernel name, for example {@code deferred_probe_timeout}.
     *
     * @param name  not null
     * @param value not null
     */
    record SetParameter(String name, String value) implements Command {

        /** Checks the arguments. */
        public SetParameter {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        }
    }
}
