package org.latebind.launcher.session;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.latebind.console.module.DriverModules;
import org.latebind.console.report.CoreText;
import org.latebind.console.report.DmaRequest;
import org.latebind.runtime.Command;
import org.latebind.runtime.CommandResult;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.DriverCore;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/** Plays a schedule on the live framework: modules are bundles, everything else is a command to the core. */
final class ScheduleRunner {

    private static final java.time.Duration STEP_LIMIT = java.time.Duration.ofSeconds(60);

    private final DriverCore core;
    private final DriverModules modules;
    private final Supplier<List<DmaClient>> clients;
    private final Consumer<String> say;
    private final Consumer<String> complain;
    private List<String> told = List.of();
    private int failures;

    ScheduleRunner(DriverCore core, DriverModules modules, Supplier<List<DmaClient>> clients, Consumer<String> say,
            Consumer<String> complain) {
        this.core = core;
        this.modules = modules;
        this.clients = clients;
        this.say = say;
        this.complain = complain;
    }

    /** Number of steps that could not be played. */
    int failures() {
        return failures;
    }

    void play(Schedule schedule) {
        for (Schedule.Step step : schedule.steps()) {
            if (step.atMicros() >= 0) {
                advanceTo(step.atMicros());
            }
            say.accept(">> " + Schedule.format(step));
            try {
                play(step.event());
            } catch (DriverModules.ModuleException | IllegalArgumentException e) {
                failed(schedule.source() + ":" + step.line() + ": " + e.getMessage());
            }
            if (!core.awaitIdle(STEP_LIMIT)) {
                failed(schedule.source() + ":" + step.line() + ": the core did not come to rest");
            }
            tellWhoWaits();
        }
    }

    /** Says who waits and why, when that has changed. */
    private void tellWhoWaits() {
        List<String> waiting = CoreText.waiting(core.snapshot());
        if (!waiting.equals(told)) {
            if (waiting.isEmpty()) {
                say.accept("   nobody waits");
            }
            waiting.forEach(line -> say.accept("   " + line));
            told = waiting;
        }
    }

    void load(String module) {
        modules.load(module);
        core.awaitIdle(STEP_LIMIT);
    }

    private void advanceTo(long micros) {
        long now = core.snapshot().timeNanos();
        long then = Math.multiplyExact(micros, 1_000L);
        if (then > now) {
            core.execute(new Command.Advance(then - now));
        }
    }

    private void play(ScheduleEvent event) {
        if (event instanceof ScheduleEvent.Load e) {
            modules.load(e.module());
        } else if (event instanceof ScheduleEvent.Unload e) {
            modules.unload(e.module());
        } else if (event instanceof ScheduleEvent.Dma e) {
            say.accept(DmaRequest.describe(DmaRequest.parse(e.words()).on(DmaRequest.client(clients.get(), e.device()))));
        } else {
            CommandResult result = core.execute(command(event));
            if (!result.ok()) {
                // A refusal is an answer, as it is for a kernel's rmmod; the schedule goes on.
                say.accept("refused: " + result.text());
            }
        }
    }

    private static Command command(ScheduleEvent event) {
        if (event instanceof ScheduleEvent.LateInit) {
            return new Command.LateInit();
        } else if (event instanceof ScheduleEvent.Expire) {
            return new Command.Expire();
        } else if (event instanceof ScheduleEvent.Advance e) {
            return new Command.Advance(Math.multiplyExact(e.micros(), 1_000L));
        } else if (event instanceof ScheduleEvent.Bind e) {
            return new Command.Bind(e.device(), e.driver());
        } else if (event instanceof ScheduleEvent.Unbind e) {
            return new Command.Unbind(e.device());
        } else if (event instanceof ScheduleEvent.Init) {
            return new Command.Init();
        } else if (event instanceof ScheduleEvent.Suspend) {
            return new Command.Suspend();
        } else if (event instanceof ScheduleEvent.Resume) {
            return new Command.Resume();
        } else if (event instanceof ScheduleEvent.Register) {
            return new Command.RegisterUnrelated();
        } else if (event instanceof ScheduleEvent.Fail e) {
            return new Command.Fail(e.driver(), e.device(), e.errno());
        } else if (event instanceof ScheduleEvent.Param e) {
            return new Command.SetParameter(e.name(), e.value());
        }
        throw new IllegalArgumentException("\"" + Schedule.format(event) + "\" is no event of the live framework");
    }

    private void failed(String line) {
        failures++;
        complain.accept(line);
    }
}
