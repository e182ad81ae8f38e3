package org.latebind.schedule;

import java.util.List;
import java.util.Objects;
import org.latebind.driver.Errno;

/** One event of a schedule, by names; who replays it turns names into devices and modules. */
public sealed interface ScheduleEvent {

    /** A module is loaded. */
    record Load(String module) implements ScheduleEvent { }

    /** A module is unloaded. */
    record Unload(String module) implements ScheduleEvent { }

    /** Linux' late_initcall. */
    record LateInit() implements ScheduleEvent { }

    /** User space starts. */
    record Init() implements ScheduleEvent { }

    /** The deferral timer fires now. */
    record Expire() implements ScheduleEvent { }

    /** A driver without any relation to the board registers. */
    record Register() implements ScheduleEvent { }

    /** Time passes; timers on the way fire. */
    record Advance(long micros) implements ScheduleEvent { }

    /** Bind by hand; {@code driver} is null for any that matches. */
    record Bind(String device, String driver) implements ScheduleEvent { }

    /** Unbind by hand. */
    record Unbind(String device) implements ScheduleEvent { }

    /** Only this driver may match the device from now on; {@code driver} null lifts it. */
    record DriverOverride(String device, String driver) implements ScheduleEvent { }

    /** From now on the driver's probe of the device fails; {@code errno} null lifts it. */
    record Fail(String driver, String device, Errno errno) implements ScheduleEvent { }

    /** Every probe defers from now on. */
    record Suspend() implements ScheduleEvent { }

    /** Probes run again. */
    record Resume() implements ScheduleEvent { }

    /** A parameter is set by its kernel name. */
    record Param(String name, String value) implements ScheduleEvent { }

    /** Live only: a bound device transfers; the words are those of the console's {@code dma} command. */
    record Dma(String device, List<String> words) implements ScheduleEvent {

        /** Copies. */
        public Dma {
            Objects.requireNonNull(device, "device");
            words = List.copyOf(words);
        }
    }
}
