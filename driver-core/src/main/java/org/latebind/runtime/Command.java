package org.latebind.runtime;

import java.util.Objects;
import org.latebind.driver.Errno;

/** What a person, a script or the framework asks of the core; one for each event of the schedule language. */
public sealed interface Command {

    /** All built-in drivers are registered (Linux: {@code late_initcall}; here: the start level is reached). */
    record LateInit() implements Command {
    }

    /** Lets virtual time run to the expiry of the deferral timer; refused when no timer runs. */
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
     * Makes the next probe of a device by a driver fail without asking the driver.
     *
     * @param driver driver name; not null
     * @param device path; not null
     * @param errno  the failure; not null
     */
    record Fail(String driver, String device, Errno errno) implements Command {

        /** Checks the arguments. */
        public Fail {
            Objects.requireNonNull(driver, "driver");
            Objects.requireNonNull(device, "device");
            Objects.requireNonNull(errno, "errno");
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
