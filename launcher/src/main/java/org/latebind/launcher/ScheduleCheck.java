package org.latebind.launcher;

import org.latebind.console.report.DmaRequest;
import org.latebind.explorer.catalogue.ModuleSet;
import org.latebind.explorer.replay.ModelReplay;
import org.latebind.explorer.replay.ReplayException;
import org.latebind.probe.Board;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/**
 * Looks a schedule through before it is played live, so that nothing is started when a line is wrong. The names are looked up
 * by playing it on the model, which takes no time worth mentioning.
 */
final class ScheduleCheck {

    private ScheduleCheck() {
    }

    /**
     * Checks a schedule for the modules that come with us.
     *
     * @throws BadInput naming file and line of a wrong transfer, or of a module, device, driver or parameter that is not there
     */
    static void onModel(Schedule schedule, Board board, ModuleSet modules, Policy policy, Parameters parameters) {
        transfers(schedule);
        if (schedule.steps().stream().anyMatch(step -> loadsFile(step.event()))) {
            // What is in a jar of somebody's own only shows when it is installed.
            return;
        }
        try {
            ModelReplay.play(board, modules.catalogue(), policy, parameters, schedule);
        } catch (ReplayException e) {
            throw new BadInput(e.getMessage());
        }
    }

    private static void transfers(Schedule schedule) {
        for (Schedule.Step step : schedule.steps()) {
            if (step.event() instanceof ScheduleEvent.Dma dma) {
                try {
                    DmaRequest.parse(dma.words());
                } catch (IllegalArgumentException e) {
                    throw new BadInput(schedule.source() + ":" + step.line() + ": " + e.getMessage());
                }
            }
        }
    }

    private static boolean loadsFile(ScheduleEvent event) {
        return event instanceof ScheduleEvent.Load load && load.module().endsWith(".jar");
    }
}
