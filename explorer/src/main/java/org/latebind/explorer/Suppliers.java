package org.latebind.explorer;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.latebind.probe.Reason;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;

/** Which modules stand behind a device or a reason. */
final class Suppliers {

    private Suppliers() {
    }

    /** Names of loadable modules that drive suppliers named in the tree, nearest first. */
    static List<String> modules(Machine machine, Reason reason) {
        Set<String> found = new LinkedHashSet<>();
        collect(machine, reason, found, true);
        return new ArrayList<>(found);
    }

    private static void collect(Machine machine, Reason reason, Set<String> found, boolean top) {
        int device = machine.engine.board().deviceIndex(reason.subject());
        if (!top && device >= 0) {
            for (String module : ownModules(machine, device)) {
                if (!machine.engine.catalogue().module(machine.engine.catalogue().moduleIndex(module)).builtin()) {
                    found.add(module);
                }
            }
        }
        for (Reason cause : reason.causes()) {
            collect(machine, cause, found, false);
        }
    }

    /** Names of the modules that drive the device. */
    static List<String> ownModules(Machine machine, int device) {
        return java.util.Arrays.stream(machine.influence.driversOf(device))
            .mapToObj(r -> machine.engine.catalogue().module(machine.engine.catalogue().moduleOf(r)).name()).distinct().toList();
    }

    /** Names of all loadable modules in the device's cone but its own, in catalogue order. */
    static List<String> coneModules(Machine machine, int device) {
        List<String> own = ownModules(machine, device);
        return java.util.Arrays.stream(machine.influence.modules(machine.influence.cone(device)))
            .mapToObj(m -> machine.engine.catalogue().module(m).name()).filter(name -> !own.contains(name)).toList();
    }

    /** Names of modules of the device's cone that a schedule loads only after the wait for them was over. */
    static List<String> late(Machine machine, int device, Schedule schedule) {
        List<String> cone = coneModules(machine, device);
        List<String> late = new ArrayList<>();
        boolean over = false;
        for (Schedule.Step step : schedule.steps()) {
            over |= step.event() instanceof ScheduleEvent.Expire || step.event() instanceof ScheduleEvent.LateInit;
            if (over && step.event() instanceof ScheduleEvent.Load load && cone.contains(load.module())) {
                late.add(load.module());
            }
        }
        return late;
    }
}
