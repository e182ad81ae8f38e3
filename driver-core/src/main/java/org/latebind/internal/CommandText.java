package org.latebind.internal;

import org.latebind.runtime.Command;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/** A command in the schedule language, so that the log of a run can be played again. Pure. */
final class CommandText {

    private static final long NANOS_PER_MICRO = 1000;

    private CommandText() {
    }

    static String of(Command command) {
        return Schedule.format(event(command));
    }

    private static ScheduleEvent event(Command command) {
        if (command instanceof Command.LateInit) {
            return new ScheduleEvent.LateInit();
        } else if (command instanceof Command.Init) {
            return new ScheduleEvent.Init();
        } else if (command instanceof Command.Suspend) {
            return new ScheduleEvent.Suspend();
        } else if (command instanceof Command.Resume) {
            return new ScheduleEvent.Resume();
        } else if (command instanceof Command.RegisterUnrelated) {
            return new ScheduleEvent.Register();
        } else if (command instanceof Command.Expire) {
            return new ScheduleEvent.Expire();
        } else if (command instanceof Command.Advance advance) {
            return new ScheduleEvent.Advance(advance.nanos() / NANOS_PER_MICRO);
        } else if (command instanceof Command.Bind bind) {
            return new ScheduleEvent.Bind(bind.device(), bind.driver());
        } else if (command instanceof Command.Unbind unbind) {
            return new ScheduleEvent.Unbind(unbind.device());
        } else if (command instanceof Command.DriverOverride override) {
            return new ScheduleEvent.DriverOverride(override.device(), override.driver());
        } else if (command instanceof Command.Fail fail) {
            return new ScheduleEvent.Fail(fail.driver(), fail.device(), fail.errno());
        } else if (command instanceof Command.SetParameter parameter) {
            return new ScheduleEvent.Param(parameter.name(), parameter.value());
        }
        throw new IllegalStateException("no event for " + command);
    }
}
