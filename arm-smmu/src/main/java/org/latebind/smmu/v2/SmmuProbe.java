package org.latebind.smmu.v2;

import java.util.List;
import org.latebind.driver.Device;
import org.latebind.driver.DeviceProperties;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.Interrupts;

/** Brings one SMMU up (reference: probe in order; the hardware is live before the unit is offered to the core). */
final class SmmuProbe {

    private final Device device;
    private final Parameters parameters;
    private final FamilyState family;

    /** What the instances of the driver share. Owned by the driver core's thread. */
    static final class FamilyState {
        /** Which binding the first instance used; null before. */
        private Boolean legacy;
        /** Context banks of all Cavium instances so far. */
        private int caviumBanks;
    }

    SmmuProbe(Device device, Parameters parameters, FamilyState family) {
        this.device = device;
        this.parameters = parameters;
        this.family = family;
    }

    ProbeResult run() {
        DeviceProperties node = device.properties();
        int[] globals = node.cells("#global-interrupts");
        if (globals.length != 1) {
            return ProbeResult.failed(Errno.ENODEV, "missing #global-interrupts property");
        }
        boolean legacy = node.has("mmu-masters");
        if (parameters.legacyAsLinux() && family.legacy != null && family.legacy != legacy) {
            return ProbeResult.failed(Errno.ENODEV, "mismatched DT properties: this system uses the "
                    + (family.legacy ? "legacy" : "generic") + " binding");
        }
        int contextInterrupts = device.interruptCount() - globals[0];
        if (contextInterrupts <= 0) {
            return ProbeResult.failed(Errno.ENODEV, "found " + device.interruptCount() + " interrupts but expected at least "
                    + (globals[0] + 1));
        }
        family.legacy = legacy;
        Version version = version(device.compatible());
        Implementation implementation = implementation(device.compatible(), node);
        SmmuHardware hardware = new SmmuHardware(implementation.bus(device), device.machine().delay(), device);
        int id0 = hardware.gr0(Registers.ID0);
        int id1 = hardware.gr0(Registers.ID1);
        String refusal = HardwareFeatures.refusal(id0, id1, parameters.forceStage());
        if (refusal != null) {
            return ProbeResult.failed(Errno.ENODEV, refusal);
        }
        HardwareFeatures features = implementation.adjust(HardwareFeatures.decode(version, id0, id1,
                hardware.gr0(Registers.ID2), parameters.forceStage()), hardware);
        hardware.layout(features);
        if (version == Version.V2 && contextInterrupts < features.banks()) {
            return ProbeResult.failed(Errno.ENODEV, "found only " + contextInterrupts + " context irq(s) but "
                    + features.banks() + " required");
        }
        describe(features, node);
        if (implementation instanceof Implementation.Cavium) {
            family.caviumBanks += features.banks();
        }
        return bringUp(new SmmuState(hardware, features, implementation, parameters), globals[0], contextInterrupts, legacy);
    }

    private ProbeResult bringUp(SmmuState state, int globals, int contextInterrupts, boolean legacy) {
        int[] lines = new int[state.features().version() == Version.V2 ? state.features().banks() : contextInterrupts];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = device.interruptLine(globals + i);
        }
        FaultReports faults = new FaultReports(state);
        boolean shared = state.implementation() instanceof Implementation.Nvidia;
        SmmuDevice smmu = new SmmuDevice(device, state, legacy,
                new ContextInterrupts(device, lines, state.features(), shared, faults), faults);
        try {
            for (int i = 0; i < globals; i++) {
                Interrupts.Handler handler = faults::global;
                smmu.keep(device.machine().interrupts().request(device.interruptLine(i), device.path() + " global", handler));
            }
            state.implementation().inherit(state);
            state.reset();
            state.testSmrWidth();
        } catch (RuntimeException e) {
            smmu.closeInterrupts();
            throw e;
        }
        return ProbeResult.bound(smmu).withIommu(smmu);
    }

    private void describe(HardwareFeatures f, DeviceProperties node) {
        device.log(Device.LogLevel.INFO, String.format("SMMUv%s with: %s%s%s, %d %s, %d context banks (%d stage-2 only), %d-bit "
                + "VA, %d-bit IPA, %d-bit PA", f.version() == Version.V2 ? "2" : "1", f.stage1() ? "stage 1 " : "",
                f.stage2() ? "stage 2 " : "", f.nested() ? "nested" : "", f.groups(),
                f.streamMatching() ? "stream-matching groups" : "stream-indexing groups", f.banks(), f.stage2Banks(),
                f.vaBits(), f.ipaBits(), f.paBits()));
        if (f.coherentWalk() != node.has("dma-coherent")) {
            device.log(Device.LogLevel.INFO, "firmware says table walks are " + (f.coherentWalk() ? "not " : "")
                    + "coherent, the hardware's identification does not agree; firmware wins");
        }
    }

    private static Version version(List<String> compatible) {
        for (String c : compatible) {
            switch (c) {
                case "arm,smmu-v1", "arm,mmu-400" -> {
                    return Version.V1;
                }
                case "arm,mmu-401" -> {
                    return Version.V1_64K;
                }
                case "arm,smmu-v2", "arm,mmu-500", "cavium,smmu-v2", "nvidia,smmu-500", "qcom,smmu-v2" -> {
                    return Version.V2;
                }
                default -> { }
            }
        }
        return Version.V2;
    }

    private Implementation implementation(List<String> compatible, DeviceProperties node) {
        if (compatible.contains("cavium,smmu-v2")) {
            return new Implementation.Cavium(family.caviumBanks);
        }
        if (node.has("calxeda,smmu-secure-config-access")) {
            return new Implementation.Calxeda();
        }
        if (compatible.contains("nvidia,smmu-500") || compatible.stream().anyMatch(c -> c.matches("nvidia,tegra\\d+-smmu"))) {
            return new Implementation.Nvidia();
        }
        Implementation qualcomm = Qualcomm.of(compatible);
        if (qualcomm != null) {
            return qualcomm;
        }
        if (compatible.contains("marvell,ap806-smmu-500")) {
            return new Implementation.Marvell();
        }
        return compatible.contains("arm,mmu-500") ? new Implementation.Mmu500() : Implementation.GENERIC;
    }
}
