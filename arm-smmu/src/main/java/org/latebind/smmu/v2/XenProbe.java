package org.latebind.smmu.v2;

import java.util.List;
import org.latebind.driver.Device;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.latebind.passthrough.XenHost;

/** Probe in Xen mode (reference arm-smmu.md, section 11): stage 2 only, no vendor quirks but Calxeda's, nothing bypasses. */
final class XenProbe {

    private static final List<String> VERSION1 = List.of("arm,smmu-v1", "arm,mmu-400", "arm,mmu-401");
    private static final List<String> VERSION2 = List.of("arm,smmu-v2", "arm,mmu-500");
    private static final int STAGE2 = 2;

    private final XenOps ops = new XenOps();

    ProbeResult probe(Device device, XenHost host) {
        Version version = version(device.compatible());
        if (version == null) {
            return ProbeResult.failed(Errno.ENODEV, "not supported in Xen mode: " + device.compatible());
        }
        int[] globals = device.properties().cells("#global-interrupts");
        int contextInterrupts = globals.length == 1 ? device.interruptCount() - globals[0] : 0;
        if (contextInterrupts <= 0) {
            return ProbeResult.failed(Errno.ENODEV, globals.length == 1 ? "no context interrupts"
                    : "missing #global-interrupts property");
        }
        Implementation implementation = device.properties().has("calxeda,smmu-secure-config-access")
                ? new Implementation.Calxeda() : Implementation.GENERIC;
        SmmuHardware hardware = new SmmuHardware(implementation.bus(device), device.machine().delay(), device);
        int id0 = hardware.gr0(Registers.ID0);
        int id1 = hardware.gr0(Registers.ID1);
        String refusal = HardwareFeatures.refusal(id0, id1, STAGE2);
        if (refusal != null) {
            return ProbeResult.failed(Errno.ENODEV, refusal);
        }
        HardwareFeatures features = HardwareFeatures.decode(version, id0, id1, hardware.gr0(Registers.ID2), STAGE2);
        hardware.layout(features);
        if (version == Version.V2 && !features.formats().contains(HardwareFeatures.Format.AARCH64_4K)) {
            return ProbeResult.failed(Errno.ENODEV, "the CPU's page size of 4 KiB is not supported");
        }
        if (version == Version.V2 && contextInterrupts != features.banks()) {
            return ProbeResult.failed(Errno.ENODEV, contextInterrupts + " context interrupts, " + features.banks()
                    + " context banks");
        }
        host.restrictIpaBits(features.ipaBits());
        Parameters parameters = new Parameters(true, STAGE2, false, false);
        return bringUp(device, host, new SmmuState(hardware, features, implementation, parameters), globals[0],
                contextInterrupts);
    }

    private ProbeResult bringUp(Device device, XenHost host, SmmuState state, int globals, int contextInterrupts) {
        int[] lines = new int[contextInterrupts];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = device.interruptLine(globals + i);
        }
        FaultReports faults = new FaultReports(state);
        XenUnit unit = new XenUnit(device, state, new ContextInterrupts(device, lines, state.features(), false, faults), ops,
                host);
        try {
            for (int i = 0; i < globals; i++) {
                unit.keep(device.machine().interrupts().request(device.interruptLine(i), device.path() + " global",
                        faults::global));
            }
            state.reset();
            state.testSmrWidth();
        } catch (RuntimeException e) {
            unit.closeInterrupts();
            throw e;
        }
        ops.add(unit);
        host.setOps(ops);
        host.unitUp(unit.path());
        return ProbeResult.bound(unit);
    }

    private static Version version(List<String> compatible) {
        return compatible.stream().anyMatch(VERSION2::contains) ? Version.V2
                : compatible.stream().anyMatch(VERSION1::contains) ? Version.V1 : null;
    }
}
