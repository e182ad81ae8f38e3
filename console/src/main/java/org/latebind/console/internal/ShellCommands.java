package org.latebind.console.internal;

import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.latebind.console.module.DriverModules;
import org.latebind.passthrough.Passthrough;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.DriverCore;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The shell itself: how to leave it, and what it offers to complete a word with (its profile names these functions). */
@Component(service = ShellCommands.class, property = {"osgi.command.scope=latebind", "osgi.command.function=exit",
    "osgi.command.function=devicepaths", "osgi.command.function=clientpaths", "osgi.command.function=modulenames",
    "osgi.command.function=guestwords"})
public final class ShellCommands {

    private final BundleContext context;
    private final DriverCore core;
    private final DriverModules modules;
    @Reference(policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<DmaClient> clients = List.of();
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    private volatile Passthrough guests;

    /** Takes the services that know the words. */
    @Activate
    public ShellCommands(BundleContext context, @Reference DriverCore core, @Reference DriverModules modules) {
        this.context = context;
        this.core = core;
        this.modules = modules;
    }

    /**
     * Stops the framework. Where a shell runs this command it is the shell that does so, once the command is over: stopped
     * under it, the framework would interrupt its thread, which now and then printed an exception.
     */
    @Descriptor("takes the board down and leaves")
    public void exit() throws BundleException {
        if (!RunningShell.end(context)) {
            context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).stop();
        }
    }

    /** Stops the framework, as people are used to type it in other shells. */
    @Descriptor("takes the board down and leaves")
    public void exit(@Descriptor("ignored: the exit code is that of the run") int code) throws BundleException {
        exit();
    }

    /** Paths of all devices, sorted. */
    @Descriptor("paths of all devices")
    public List<String> devicepaths() {
        return core.snapshot().devices().stream().map(DeviceStatus::path).sorted().toList();
    }

    /** Paths of the devices that can transfer now, sorted. */
    @Descriptor("paths of the devices that can transfer now")
    public List<String> clientpaths() {
        return clients.stream().map(DmaClient::devicePath).sorted().toList();
    }

    /** Names of all driver modules, sorted. */
    @Descriptor("names of all driver modules")
    public List<String> modulenames() {
        return modules.modules().stream().map(DriverModules.Module::name).toList();
    }

    /** What may be typed at a place of {@code guest}; nothing while the core does not play Xen. */
    @Descriptor("words that fit a place of the command guest")
    public List<String> guestwords(int index, List<?> line) {
        Passthrough hypervisor = guests;
        return hypervisor == null ? List.of() : GuestVerb.completions(index, line.stream().map(Object::toString).toList(),
                hypervisor.list().stream().map(Passthrough.Status::domid).toList(), devicepaths());
    }
}
