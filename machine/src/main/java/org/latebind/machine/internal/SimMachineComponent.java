package org.latebind.machine.internal;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import org.latebind.hardware.Machine;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.ModelFactory;
import org.latebind.machine.SimMachine;
import org.latebind.runtime.BoardSource;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;

/**
 * Publishes the simulated machine of the board that is there. A board whose service property {@code latebind.machine} is
 * not {@code sim} wants another backend and is left alone. Model factories of other bundles, published as services before
 * the board, are asked before the built-in ones. The board's parameters are the options of the models.
 */
@Capability(namespace = "osgi.service", effective = "active",
    attribute = "objectClass:List<String>=\"org.latebind.hardware.Machine\"")
@Component(service = {})
public final class SimMachineComponent {

    private final ServiceRegistration<?> registration;

    /** Builds the machine of {@code board} and publishes it under the interface and, for consoles, the class. */
    @Activate
    public SimMachineComponent(
            @Reference(target = "(|(!(latebind.machine=*))(latebind.machine=sim))") BoardSource board,
            @Reference(cardinality = ReferenceCardinality.MULTIPLE) List<ModelFactory> others, BundleContext context) {
        List<ModelFactory> factories = new ArrayList<>(others);
        factories.addAll(BuiltInModels.factories());
        SimMachine machine = SimMachine.of(board.tree(), factories, board.parameters());
        Dictionary<String, Object> properties = FrameworkUtil.asDictionary(
                Map.of("latebind.machine", machine.backend(), "latebind.board", board.name()));
        registration = context.registerService(new String[] {Machine.class.getName(), SimMachine.class.getName()}, machine,
                properties);
    }

    /** Withdraws the machine. */
    @Deactivate
    public void deactivate() {
        registration.unregister();
    }
}
