package org.latebind.machine.internal;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Publishes the simulated machine of the board that is there. A board whose service property {@code latebind.machine} is
 * not {@code sim} wants another backend and is left alone. The board's parameters are the options of the models.
 *
 * <p>Model factories of other bundles are services that may come and go at any time. Those present when the board comes are
 * asked before the built-in ones; a later one gets the nodes nobody models. The machine's service property
 * {@value #HARDWARE} lists the compatible strings of all nodes that answer, so that a driver can refer to a machine that has
 * its hardware. When a factory goes, the property changes first, so such a driver has let go before its hardware is gone.
 */
@Capability(namespace = "osgi.service", effective = "active",
    attribute = "objectClass:List<String>=\"org.latebind.hardware.Machine\"")
@Component(service = {})
public final class SimMachineComponent {

    /** Service property of the machine: compatible strings of the nodes that answer. */
    static final String HARDWARE = "latebind.hardware";

    private final BoardSource board;
    private final BundleContext context;
    private final List<ModelFactory> early = new ArrayList<>();
    private SimMachine machine;
    private ServiceRegistration<?> registration;

    /** Takes the board. */
    @Activate
    public SimMachineComponent(@Reference(target = "(|(!(latebind.machine=*))(latebind.machine=sim))") BoardSource board,
            BundleContext context) {
        this.board = board;
        this.context = context;
    }

    /** Builds the machine of the board and publishes it under the interface and, for consoles, the class. */
    @Activate
    void activate() {
        SimMachine built;
        synchronized (this) {
            List<ModelFactory> factories = new ArrayList<>(early);
            factories.addAll(BuiltInModels.factories());
            built = SimMachine.of(board.tree(), factories, board.parameters());
            machine = built;
        }
        ServiceRegistration<?> published = context.registerService(
                new String[] {Machine.class.getName(), SimMachine.class.getName()}, built, properties(built));
        synchronized (this) {
            registration = published;
        }
        // A factory that came in between found no registration to tell.
        published.setProperties(properties(built));
    }

    private Dictionary<String, Object> properties(SimMachine of) {
        return properties(of, Set.of());
    }

    private Dictionary<String, Object> properties(SimMachine of, Set<String> without) {
        return FrameworkUtil.asDictionary(Map.of("latebind.machine", of.backend(), "latebind.board", board.name(), HARDWARE,
                of.modelled().stream().filter(compatible -> !without.contains(compatible)).toArray(String[]::new)));
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addModels(ModelFactory factory) {
        SimMachine running;
        ServiceRegistration<?> published;
        synchronized (this) {
            running = machine;
            published = registration;
            if (running == null) {
                early.add(factory);
            }
        }
        if (running != null && !running.add(factory).isEmpty() && published != null) {
            published.setProperties(properties(running));
        }
    }

    void removeModels(ModelFactory factory) {
        SimMachine running;
        ServiceRegistration<?> published;
        synchronized (this) {
            early.remove(factory);
            running = machine;
            published = registration;
        }
        if (running != null) {
            if (published != null) {
                published.setProperties(properties(running, running.modelledBy(factory)));
            }
            running.remove(factory);
        }
    }

    /** Withdraws the machine. */
    @Deactivate
    void deactivate() {
        ServiceRegistration<?> published;
        synchronized (this) {
            published = registration;
            registration = null;
        }
        published.unregister();
    }
}
