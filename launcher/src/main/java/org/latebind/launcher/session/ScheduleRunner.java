package org.latebind.launcher.session;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.latebind.console.module.DriverModules;
import org.latebind.console.report.CoreText;
import org.latebind.console.report.DmaRequest;
import org.latebind.probe.Policy;
import org.latebind.runtime.Command;
import org.latebind.runtime.CommandResult;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.DriverCore;
import org.latebind.runtime.DriverStatus;
import org.latebind.runtime.IommuStatus;
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
            } catch (DriverModules.ModuleException | IllegalArgumentException | IllegalStateException e) {
                failed(schedule.source() + ":" + step.line() + ": " + e.getMessage());
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
        if (event instanceof ScheduleEvent.Dma e) {
            say.accept(DmaRequest.describe(DmaRequest.parse(e.words()).on(DmaRequest.client(clients.get(), e.device()))));
            return;
        }
        String refusal = step(event);
        if (refusal != null) {
            // A refusal is an answer, as it is for a kernel's rmmod; the schedule goes on.
            say.accept("refused: " + refusal);
        }
    }

    /**
     * Plays one event that is no transfer, and waits until everything that follows from it is done.
     *
     * @return why it was refused, or null
     */
    String step(ScheduleEvent event) {
        String refusal;
        if (event instanceof ScheduleEvent.Load e) {
            refusal = modules.isLoaded(e.module()) ? "already loaded" : null;
            if (refusal == null) {
                modules.load(e.module());
            }
        } else if (event instanceof ScheduleEvent.Unload e) {
            refusal = modules.isLoaded(e.module()) ? user(e.module()) : "not loaded";
            if (refusal == null) {
                modules.unload(e.module());
            }
        } else {
            CommandResult result = core.execute(Command.of(event).orElseThrow(() ->
                    new IllegalArgumentException("\"" + Schedule.format(event) + "\" is no event of the live framework")));
            refusal = result.ok() ? null : result.text();
        }
        if (!core.awaitIdle(STEP_LIMIT)) {
            throw new IllegalStateException("the core did not come to rest");
        }
        return refusal;
    }

    /** A kernel refuses to unload a module whose IOMMU has clients. Returns who uses it, or null. */
    private String user(String module) {
        CoreSnapshot now = core.snapshot();
        if (!Policy.named(now.policy()).moduleReferences()) {
            return null;
        }
        List<String> drivers = now.drivers().stream().filter(driver -> driver.bundle().equals(module))
                .map(DriverStatus::name).toList();
        List<String> units = now.iommus().stream().filter(unit -> drivers.contains(unit.driver()))
                .map(IommuStatus::path).toList();
        return now.devices().stream().filter(device -> device.iommu() != null && units.contains(device.iommu()))
                .findFirst().map(device -> "in use: " + device.path() + " is behind " + device.iommu()).orElse(null);
    }

    private void failed(String line) {
        failures++;
        complain.accept(line);
    }
}
