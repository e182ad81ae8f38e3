package org.latebind.console.internal;

import java.util.Arrays;
import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.latebind.console.report.BackendRequest;
import org.latebind.console.report.GrantText;
import org.latebind.console.report.GrantView;
import org.latebind.console.report.TextTable;
import org.latebind.hardware.Machine;
import org.latebind.hardware.xen.BackendDomains;
import org.latebind.hardware.xen.GrantInspection;
import org.latebind.hardware.xen.Hypervisor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The commands on Xen grants: what the guest gave, and a backend domain to play with. */
@Component(service = GrantCommands.class, property = {"osgi.command.scope=latebind", "osgi.command.function=grants",
    "osgi.command.function=backend"})
public final class GrantCommands {

    private final Machine machine;
    @Reference(policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<GrantInspection> inspections = List.of();

    /** Takes the machine, which may run under a hypervisor or not. */
    @Activate
    public GrantCommands(@Reference Machine machine) {
        this.machine = machine;
    }

    /** The grant table. */
    @Descriptor("the grant table, its clients, every grant, and what backends map")
    public String grants(@Descriptor("first tries to end grants that were in use") @Parameter(names = {"-r", "--reclaim"},
            presentValue = "true", absentValue = "false") boolean reclaim) {
        if (reclaim) {
            inspections.forEach(GrantInspection::reclaim);
        }
        return GrantText.text(GrantView.of(inspections, domains()), TextTable.UNLIMITED);
    }

    /** A backend. */
    @Descriptor("lets a backend domain work with granted pages: " + BackendRequest.USAGE)
    public String backend(@Descriptor("what it does") String... words) {
        BackendRequest request = BackendRequest.parse(Arrays.asList(words));
        BackendDomains domains = domains();
        if (domains == null) {
            throw new IllegalArgumentException("this machine does not run under Xen");
        }
        return BackendRequest.describe(BackendRequest.on(domains, request));
    }

    private BackendDomains domains() {
        return machine.hypervisor().map(Hypervisor::backends).orElse(null);
    }
}
