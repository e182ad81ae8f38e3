package org.latebind.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.iommu.Domain;
import org.latebind.iommu.core.DriverMisbehavedException;
import org.latebind.iommu.core.IommuCore;
import org.latebind.probe.InstalledModules;
import org.latebind.probe.KernelModule;
import org.latebind.probe.LogRecord;
import org.latebind.runtime.DriverStatus;

/** Takes the state after each event; what did not change since the last one is shared. Owner thread. */
final class Moments {

    private final Setup setup;
    private final EngineSeat engine;
    private final IommuCore iommus;
    private final DriverTable drivers;
    private final DriverCalls calls;
    private final Map<Integer, List<Long>> boundAt = new HashMap<>();
    private Map<Integer, List<Long>> boundAtShared = Map.of();
    private IommuView view = IommuView.EMPTY;
    private InstalledModules installed;
    private boolean bindsChanged;
    private boolean iommusChanged;

    Moments(Setup setup, EngineSeat engine, IommuCore iommus, DriverTable drivers, DriverCalls calls) {
        this.setup = setup;
        this.engine = engine;
        this.iommus = iommus;
        this.drivers = drivers;
        this.calls = calls;
    }

    /** Bundles that are at hand, loaded or not. */
    void installed(List<KernelModule> modules) {
        installed = new InstalledModules(setup.board(), modules);
    }

    /** Notes a step that changes what is shared. */
    void note(LogRecord step) {
        switch (step.kind()) {
            case BOUND -> {
                boundAt.computeIfAbsent(step.device(), device -> new ArrayList<>()).add(step.micros());
                bindsChanged = true;
            }
            case GROUP_JOINED, GROUP_LEFT, IOMMU_REGISTERED, IOMMU_UNREGISTERED -> iommusChanged = true;
            default -> { }
        }
    }

    Moment take(long timeNanos, long events) {
        if (bindsChanged) {
            Map<Integer, List<Long>> copy = new HashMap<>();
            boundAt.forEach((device, times) -> copy.put(device, List.copyOf(times)));
            boundAtShared = Map.copyOf(copy);
            bindsChanged = false;
        }
        if (iommusChanged) {
            view = IommuView.of(iommus, this::describe);
            iommusChanged = false;
        }
        Map<Integer, String> names = new HashMap<>();
        List<DriverStatus> all = new ArrayList<>();
        drivers.inOrder().forEach(driver -> {
            names.put(driver.index(), driver.name());
            all.add(new DriverStatus(driver.name(), driver.bundle(), driver.description().compatible(),
                    driver.description().iommu(), List.copyOf(driver.devices()), driver.departing()));
        });
        return new Moment(setup.name(), setup.policy().name(), engine.parameters().values(), timeNanos, events, engine.state(),
                installed, view, List.copyOf(all), Map.copyOf(names), boundAtShared);
    }

    private String describe(String driver, Domain domain) {
        try {
            String line = calls.ask(driver, "description of a domain", domain::describe);
            return line == null ? "" : line;
        } catch (DriverMisbehavedException e) {
            return e.getMessage();
        }
    }
}
