package org.latebind.console.internal;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.latebind.console.module.DriverModules;
import org.latebind.console.report.CoreText;
import org.latebind.console.report.DmaRequest;
import org.latebind.console.report.GrantView;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Machine;
import org.latebind.hardware.xen.GrantInspection;
import org.latebind.runtime.Command;
import org.latebind.runtime.CommandResult;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.DriverCore;
import org.latebind.runtime.LogEntry;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The commands {@code latebind:*} of the shell: each is a query of the core and a printer. */
@Component(service = CoreCommands.class, property = {"osgi.command.scope=latebind", "osgi.command.function=devices",
    "osgi.command.function=deferred", "osgi.command.function=iommus", "osgi.command.function=groups",
    "osgi.command.function=drivers", "osgi.command.function=modules", "osgi.command.function=load",
    "osgi.command.function=unload", "osgi.command.function=dma", "osgi.command.function=faults",
    "osgi.command.function=log", "osgi.command.function=lateinit", "osgi.command.function=expire",
    "osgi.command.function=bind", "osgi.command.function=unbind", "osgi.command.function=override",
    "osgi.command.function=param"})
public final class CoreCommands {

    private static final int WIDTH_DEFAULT = 120;
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(10);

    private final DriverCore core;
    private final DriverModules modules;
    private final Machine machine;
    @Reference(policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<DmaClient> clients = List.of();
    @Reference(policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<GrantInspection> grants = List.of();

    /** Takes the services the commands talk to. */
    @Activate
    public CoreCommands(@Reference DriverCore core, @Reference DriverModules modules, @Reference Machine machine) {
        this.core = core;
        this.modules = modules;
        this.machine = machine;
    }

    /** Devices and their outcomes. */
    @Descriptor("devices and their outcomes")
    public String devices(CommandSession session,
            @Descriptor("every device, also those without a driver") @Parameter(names = {"-a", "--all"}, presentValue = "true",
                    absentValue = "false") boolean all) {
        return CoreText.devices(core.snapshot(), all, width(session), GrantView.of(grants, null).backendByDevice());
    }

    /** The deferred list. */
    @Descriptor("the deferred list in its order, with reasons")
    public String deferred() {
        return CoreText.deferred(core.snapshot());
    }

    /** Registered IOMMUs. */
    @Descriptor("registered IOMMUs, their clients and domains")
    public String iommus(CommandSession session) {
        return CoreText.iommus(core.snapshot(), width(session));
    }

    /** Groups. */
    @Descriptor("groups, their default domains and members")
    public String groups(CommandSession session) {
        return CoreText.groups(core.snapshot(), width(session));
    }

    /** Registered drivers. */
    @Descriptor("registered drivers")
    public String drivers(CommandSession session) {
        return CoreText.drivers(core.snapshot(), width(session));
    }

    /** Driver modules. */
    @Descriptor("driver modules, loaded or not")
    public String modules() {
        StringBuilder text = new StringBuilder();
        for (DriverModules.Module module : modules.modules()) {
            text.append(module.loaded() ? "* " : "  ").append(module.name()).append(' ').append(module.version()).append("  ")
                    .append(String.join(", ", module.drivers())).append('\n');
        }
        return text.toString();
    }

    /** Loads a module. */
    @Descriptor("loads a driver module")
    public String load(@Descriptor("module name or bundle jar") String module) {
        String loaded = modules.load(module);
        // The next command, typed or piped, sees what came of it.
        core.awaitIdle(SETTLE_LIMIT);
        return "loaded " + loaded;
    }

    /** Unloads a module. */
    @Descriptor("unloads a driver module; its devices are released first")
    public String unload(@Descriptor("module name") String module) {
        modules.unload(module);
        core.awaitIdle(SETTLE_LIMIT);
        return "unloaded " + module;
    }

    /** One transfer. */
    @Descriptor("lets a bound device transfer: " + DmaRequest.USAGE)
    public String dma(@Descriptor("device path or name") String device, @Descriptor("the transfer") String... words) {
        DmaRequest request = DmaRequest.parse(Arrays.asList(words));
        return DmaRequest.describe(request.on(DmaRequest.client(clients, device)));
    }

    /** What the hardware complained about. */
    @Descriptor("complaints of the hardware models, oldest first")
    public String faults() {
        StringBuilder text = new StringBuilder();
        for (Finding finding : machine.findings()) {
            text.append(finding.rule()).append("  ").append(finding.device()).append(": ").append(finding.detail()).append('\n');
        }
        return text.isEmpty() ? "the hardware has no complaint" : text.toString();
    }

    /** The end of the log. */
    @Descriptor("the last lines of the log")
    public String log(@Descriptor("number of lines") @Parameter(names = {"-n", "--lines"}, absentValue = "40") int lines) {
        List<LogEntry> log = core.log();
        return log.subList(Math.max(0, log.size() - lines), log.size()).stream().map(CoreText::line)
                .collect(Collectors.joining("\n"));
    }

    /** Linux' late_initcall. */
    @Descriptor("all built-in drivers are there: retries the deferred list and starts the timer")
    public String lateinit() {
        return told(new Command.LateInit());
    }

    /** Timer expiry. */
    @Descriptor("lets the deferral timer expire")
    public String expire() {
        return told(new Command.Expire());
    }

    /** Manual bind. */
    @Descriptor("binds a device by hand")
    public String bind(@Descriptor("device path") String device) {
        return told(new Command.Bind(device, null));
    }

    /** Manual unbind. */
    @Descriptor("unbinds a device by hand")
    public String unbind(@Descriptor("device path") String device) {
        return told(new Command.Unbind(device));
    }

    /** Override of matching. */
    @Descriptor("lets one driver only match a device from now on")
    public String override(@Descriptor("device path") String device, @Descriptor("driver") String driver) {
        return told(new Command.DriverOverride(device, driver));
    }

    /** End of an override. */
    @Descriptor("lets every driver match a device again")
    public String override(@Descriptor("device path") String device) {
        return told(new Command.DriverOverride(device, null));
    }

    /** Sets a parameter. */
    @Descriptor("sets a parameter by its kernel name")
    public String param(@Descriptor("name") String name, @Descriptor("value") String value) {
        return told(new Command.SetParameter(name, value));
    }

    private String told(Command command) {
        CommandResult result = core.execute(command);
        return result.ok() ? result.text() : "refused: " + result.text();
    }

    private static int width(CommandSession session) {
        Object columns = session.get("COLUMNS");
        try {
            return columns == null ? WIDTH_DEFAULT : Integer.parseInt(columns.toString());
        } catch (NumberFormatException e) {
            return WIDTH_DEFAULT;
        }
    }
}
