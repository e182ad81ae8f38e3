package org.latebind.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.probe.Board;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Event;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.State;
import org.latebind.probe.Step;
import org.latebind.runtime.CommandResult;

/** The engine of a running board: its state, and a catalogue that grows with the drivers that come. Owner thread. */
final class EngineSeat {

    private final Map<List<Object>, Integer> numbers = new HashMap<>();
    private ProbeEngine engine;
    private State state;

    EngineSeat(Board board, Policy policy, Parameters parameters) {
        engine = new ProbeEngine(board, ModuleCatalogue.of(), policy, parameters);
        state = engine.initial();
    }

    State state() {
        return state;
    }

    Parameters parameters() {
        return engine.parameters();
    }

    ModuleCatalogue catalogue() {
        return engine.catalogue();
    }

    Step step(Event event) {
        Step step = engine.step(state, event);
        state = step.state();
        return step;
    }

    /**
     * The number of a driver; one that was never seen before gets the next.
     *
     * @param bundle      symbolic name of its bundle
     * @param description what it says of itself
     */
    int number(String bundle, DriverDescription description) {
        List<Object> key = keyOf(description);
        Integer known = numbers.get(key);
        if (known != null) {
            return known;
        }
        ModuleCatalogue catalogue = engine.catalogue();
        int number = catalogue.drivers().size();
        // Who shares a group is the unit's answer here, not the table's, which could not change under a running board.
        DriverDescription live = unique(description, catalogue).withGrouping(DriverDescription.Grouping.DEVICE);
        KernelModule module = KernelModule.loadable(free(bundle, catalogue), live);
        ProbeEngine extended = engine.extended(List.of(module));
        state = extended.adopt(state);
        engine = extended;
        numbers.put(key, number);
        return number;
    }

    /** Two descriptions with equal keys are the same driver: one that came back. */
    private static List<Object> keyOf(DriverDescription driver) {
        return List.of(driver.name(), driver.bus(), driver.compatible(), driver.ids(), driver.iommu(), driver.unattached(),
                driver.suppliersAsked(), String.valueOf(driver.createsDevices()), driver.clientLinks(),
                driver.enabledAfterRemove());
    }

    /** A driver that came back changed, with its bundle updated, is another one to the engine. */
    private static DriverDescription unique(DriverDescription driver, ModuleCatalogue catalogue) {
        String name = driver.name();
        for (int i = 2; catalogue.driverIndex(name) >= 0; i++) {
            name = driver.name() + "#" + i;
        }
        if (name.equals(driver.name())) {
            return driver;
        }
        DriverDescription renamed = DriverDescription.named(name).withBus(driver.bus())
                .withCompatible(driver.compatible().toArray(String[]::new)).withIds(driver.ids().toArray(String[]::new))
                .withSuppliersAsked(driver.suppliersAsked().toArray(String[]::new))
                .withCreatesDevices(driver.createsDevices());
        return !driver.iommu() ? renamed : renamed.withIommu(driver.unattached()).withClientLinks(driver.clientLinks())
                .withEnabledAfterRemove(driver.enabledAfterRemove());
    }

    /** One module for each driver: a bundle may bring several, and one that was updated differs from what it was. */
    private static String free(String bundle, ModuleCatalogue catalogue) {
        String name = bundle;
        for (int i = 2; catalogue.moduleIndex(name) >= 0; i++) {
            name = bundle + "#" + i;
        }
        return name;
    }

    /** Tells which modules are at hand. It matters to boards that ACPI describes only. */
    void installed(List<KernelModule> modules) {
        if (engine.board().acpi()) {
            ProbeEngine changed = engine.knowing(modules);
            state = changed.adopt(state);
            engine = changed;
        }
    }

    /** Sets a parameter from now on. */
    CommandResult set(String name, String value) {
        try {
            ProbeEngine changed = engine.with(engine.parameters().with(name, value));
            state = changed.adopt(state);
            engine = changed;
            return CommandResult.done(name + "=" + value);
        } catch (IllegalArgumentException e) {
            return CommandResult.refused(e.getMessage());
        }
    }
}
