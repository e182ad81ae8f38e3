package org.latebind.console.web;

import java.time.Duration;
import java.util.List;
import org.latebind.console.module.DriverModules;
import org.latebind.console.report.DmaRequest;
import org.latebind.runtime.Command;
import org.latebind.runtime.CommandResult;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.DriverCore;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;
import org.latebind.schedule.ScheduleException;

/**
 * Carries out one line of the schedule language, and {@code restart MODULE} besides. Only modules that are installed can be
 * loaded from here, no files.
 */
final class CommandDesk {

    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(20);

    private final DriverCore core;
    private final DriverModules modules;
    private final List<DmaClient> clients;

    CommandDesk(DriverCore core, DriverModules modules, List<DmaClient> clients) {
        this.core = core;
        this.modules = modules;
        this.clients = clients;
    }

    CommandResult run(String line) {
        try {
            CommandResult result = carryOut(line.strip());
            core.awaitIdle(SETTLE_LIMIT);
            return result;
        } catch (DriverModules.ModuleException | ScheduleException | IllegalArgumentException | ArithmeticException e) {
            return CommandResult.refused(String.valueOf(e.getMessage()));
        }
    }

    private CommandResult carryOut(String line) {
        if (line.startsWith("restart ")) {
            String module = line.substring("restart ".length()).strip();
            modules.unload(installed(module));
            core.awaitIdle(SETTLE_LIMIT);
            modules.load(module);
            return CommandResult.done("restarted " + module);
        }
        List<Schedule.Step> steps = Schedule.parse("command", line).steps();
        if (steps.size() != 1 || steps.get(0).atMicros() >= 0) {
            return CommandResult.refused("one command a request, without a time");
        }
        ScheduleEvent event = steps.get(0).event();
        if (event instanceof ScheduleEvent.Load e) {
            return CommandResult.done("loaded " + modules.load(installed(e.module())));
        } else if (event instanceof ScheduleEvent.Unload e) {
            modules.unload(installed(e.module()));
            return CommandResult.done("unloaded " + e.module());
        } else if (event instanceof ScheduleEvent.Dma e) {
            return transfer(e);
        }
        return Command.of(event).map(core::execute)
                .orElseGet(() -> CommandResult.refused("\"" + line + "\" is no event of the live framework"));
    }

    private String installed(String name) {
        if (modules.modules().stream().noneMatch(module -> module.name().equals(name))) {
            throw new DriverModules.ModuleException("no module " + name + "; known: "
                    + String.join(", ", modules.modules().stream().map(DriverModules.Module::name).toList()));
        }
        return name;
    }

    private CommandResult transfer(ScheduleEvent.Dma event) {
        try {
            DmaClient client = DmaRequest.client(clients, event.device());
            DmaClient.Transfer transfer = DmaRequest.parse(event.words()).on(client);
            return new CommandResult(transfer.result().ok() && transfer.intact(), DmaRequest.describe(transfer));
        } catch (IllegalArgumentException e) {
            return CommandResult.refused(e.getMessage());
        }
    }
}
