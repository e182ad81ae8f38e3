package org.latebind.launcher.session;

import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.latebind.console.module.DriverModules;
import org.latebind.console.module.OnDemandDrivers;
import org.latebind.console.report.CoreReport;
import org.latebind.console.report.CoreText;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Machine;
import org.latebind.runtime.Command;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.DriverCore;
import org.latebind.runtime.LogEntry;
import org.latebind.schedule.Schedule;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Does what the command line asked for once the core is up: loads modules, plays the script, prints, and returns
 * the end state as maps and lists. Published as a {@link Callable}, the only type both sides of the framework's border share.
 */
@Component(service = Callable.class, property = "latebind.session=true")
public final class Session implements Callable<Map<String, Object>> {

    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(60);

    private final Request request;
    private final DriverCore core;
    private final DriverModules modules;
    private final Machine machine;
    private final OnDemandDrivers drivers;
    private final PrintStream out = System.out;

    @Reference(policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<DmaClient> clients = List.of();

    /** Takes what it works with; the drivers' parameters only have to be written before the first module is loaded. */
    @Activate
    public Session(BundleContext context, @Reference DriverCore core, @Reference DriverModules modules,
            @Reference Machine machine, @Reference DriverParameters written, @Reference OnDemandDrivers drivers) {
        this.drivers = drivers;
        this.request = Request.from(context);
        this.core = core;
        this.modules = modules;
        this.machine = machine;
    }

    @Override
    public Map<String, Object> call() throws Exception {
        try {
            offer();
        } catch (DriverModules.ModuleException e) {
            return Map.of("badInput", "--autoload: " + e.getMessage());
        }
        if (!request.quiet()) {
            core.log().forEach(this::print);
        }
        DriverCore.Subscription live = request.quiet() ? () -> { } : core.listen(this::print);
        try {
            ScheduleRunner runner = new ScheduleRunner(core, modules, () -> clients, this::say,
                    request.quiet() ? System.err::println : this::say);
            for (String module : request.load()) {
                runner.load(module);
            }
            autoload();
            if (request.lateInit()) {
                core.execute(new Command.LateInit());
            }
            if (request.script() != null) {
                runner.play(Schedule.read(java.nio.file.Path.of(request.script())));
            }
            settle();
            autoload();
            Map<String, Object> document = CoreReport.document(core.snapshot());
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("document", document);
            answer.put("exit", runner.failures() == 0 ? 0 : 2);
            if (request.trace()) {
                answer.put("log", core.log().stream().map(CoreReport::logEntry).toList());
            }
            finish();
            return answer;
        } finally {
            live.close();
        }
    }

    private void offer() {
        if (request.autoload() != null && !request.autoload().isEmpty()) {
            drivers.offer(java.nio.file.Path.of(request.autoload())).forEach(System.err::println);
        }
    }

    /** A driver that comes may make devices appear that ask for another. */
    private void autoload() {
        List<String> started = List.of("");
        while (request.autoload() != null && !started.isEmpty()) {
            settle();
            started = drivers.satisfy(core.snapshot());
            started.forEach(this::say);
            settle();
        }
    }

    private void settle() {
        if (!core.awaitIdle(SETTLE_LIMIT)) {
            throw new IllegalStateException("the driver core did not come to rest within " + SETTLE_LIMIT.toSeconds() + " s");
        }
    }

    private void finish() {
        if (request.quiet()) {
            return;
        }
        say("");
        out.print(CoreText.devices(core.snapshot(), false, TextWidth.ofTerminal()));
        if (!core.snapshot().deferred().isEmpty()) {
            say("\nWaiting, in the order in which they are retried:");
            out.print(CoreText.deferred(core.snapshot()));
        }
        List<Finding> findings = machine.findings();
        if (!findings.isEmpty()) {
            say("\nThe hardware complains:");
            for (Finding finding : findings) {
                say("  " + finding.rule() + "  " + finding.device() + ": " + finding.detail());
            }
        }
        out.flush();
    }

    private void print(LogEntry entry) {
        if (entry.level() != org.latebind.driver.Device.LogLevel.DEBUG) {
            say(CoreText.line(entry));
        }
    }

    private void say(String line) {
        if (request.quiet()) {
            return;
        }
        out.println(line);
    }
}
