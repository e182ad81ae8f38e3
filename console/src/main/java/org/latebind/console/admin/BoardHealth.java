package org.latebind.console.admin;

import org.apache.felix.hc.api.FormattingResultLog;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Machine;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverCore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** A board is well when no device is stuck and the hardware did not complain. */
@Component(service = HealthCheck.class, property = {HealthCheck.NAME + "=Latebind devices", HealthCheck.TAGS + "=latebind"})
public final class BoardHealth implements HealthCheck {

    private final DriverCore core;
    private final Machine machine;

    /** Takes whose health it checks. */
    @Activate
    public BoardHealth(@Reference DriverCore core, @Reference Machine machine) {
        this.core = core;
        this.machine = machine;
    }

    @Override
    public Result execute() {
        BoardState state = new BoardState(core.snapshot(), machine.findings());
        FormattingResultLog log = new FormattingResultLog();
        for (DeviceStatus device : state.stuck()) {
            String reason = device.reason() == null ? "" : ": " + device.reason().text();
            if (device.outcome().equals("PENDING")) {
                log.warn("{} is {}{}", device.path(), device.outcome(), reason);
            } else {
                log.critical("{} is {}{}", device.path(), device.outcome(), reason);
            }
        }
        for (Finding finding : state.findings()) {
            log.warn("{} {}: {}", finding.rule(), finding.device(), finding.detail());
        }
        log.info("{} devices, {} stuck, {} findings", state.snapshot().devices().size(), state.stuck().size(),
                state.findings().size());
        return new Result(log);
    }
}
