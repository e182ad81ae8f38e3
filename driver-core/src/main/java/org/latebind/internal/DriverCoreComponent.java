package org.latebind.internal;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.latebind.dma.DmaFactory;
import org.latebind.driver.Device.LogLevel;
import org.latebind.driver.Driver;
import org.latebind.driver.DriverCapability;
import org.latebind.hardware.Machine;
import org.latebind.pagetable.SavedTables;
import org.latebind.passthrough.Passthrough;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.runtime.BoardSource;
import org.latebind.runtime.Command;
import org.latebind.runtime.CommandResult;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DomainTable;
import org.latebind.runtime.DriverAttributes;
import org.latebind.runtime.DriverCore;
import org.latebind.runtime.LogEntry;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;

/** Ties a board, a machine and the driver services to one {@link CoreLoop}, and publishes it as {@link DriverCore}. */
@Component(service = DriverCore.class, configurationPid = CoreConfiguration.PID)
@Designate(ocd = CoreConfiguration.class)
public final class DriverCoreComponent implements DriverCore {

    private final BundleContext context;
    private final SystemTime time = new SystemTime();
    private final Owner owner;
    private final Owner registry;
    private final Journal journal;
    private final VirtualClock clock;
    private final Mirror mirror;
    private final CoreLoop loop;
    private final InstalledBundles installed;
    /** Null in Linux mode. */
    private final ServiceRegistration<Passthrough> passthrough;
    private final AtomicReference<Moment> unseen = new AtomicReference<>();
    private final Map<ServiceReference<Driver>, LiveDriver> drivers = new ConcurrentHashMap<>();

    /** Brings the board up; drivers come after that. */
    @Activate
    public DriverCoreComponent(BundleContext context, @Reference BoardSource board, @Reference Machine machine,
            CoreConfiguration config, Map<String, Object> properties) {
        this.context = context;
        DmaApis.Factory dma = new DmaImplementations(board.tree(), new DmaFactory(machine.memory(), machine.pages()));
        Parameters parameters = parameters(properties, board.parameters());
        Policy policy = Policy.named(board.policy());
        Setup setup = new Setup(board.name(), board.tree(),
                board.devices().as(policy.iommuMap()), policy, parameters, machine, time, dma,
                Duration.ofMillis(config.call_limit_millis()), Duration.ofMillis(config.departure_limit_millis()),
                policy == Policy.XEN || parameters.playsXen());
        // Threads start only now that nothing about the board can be wrong any more.
        this.owner = new Owner("latebind-core", time, this::failed);
        this.registry = new Owner("latebind-registry", time, this::failed);
        this.clock = new VirtualClock(time, board.realTime(), this::timerDue);
        this.journal = new Journal(clock::nanos, registry);
        this.mirror = new Mirror(context);
        this.loop = new CoreLoop(setup, journal, clock, owner, this::changed);
        loop.start();
        this.installed = new InstalledBundles(context, loop::installed);
        installed.open();
        Passthrough guests = loop.passthrough();
        this.passthrough = guests == null ? null : context.registerService(Passthrough.class, guests, null);
    }

    private static Parameters parameters(Map<String, Object> configured, Map<String, String> ofBoard) {
        Map<String, String> all = new TreeMap<>();
        Parameters.NAMES.keySet().forEach(name -> {
            Object value = configured.get(name);
            if (value != null && !value.toString().isEmpty()) {
                all.put(name, value.toString());
            }
        });
        // What the command line says wins.
        all.putAll(ofBoard);
        Parameters parameters = Parameters.DEFAULTS;
        for (Map.Entry<String, String> entry : all.entrySet()) {
            if (Parameters.NAMES.containsKey(entry.getKey())) {
                parameters = parameters.with(entry.getKey(), entry.getValue());
            }
        }
        return parameters;
    }

    @Modified
    void modified(CoreConfiguration config, Map<String, Object> properties) {
        loop.callLimit(Duration.ofMillis(config.call_limit_millis()));
        for (String name : Parameters.NAMES.keySet()) {
            Object value = properties.get(name);
            if (value != null && !value.toString().isEmpty()) {
                loop.execute(new Command.SetParameter(name, value.toString()));
            }
        }
    }

    @Deactivate
    void deactivate() {
        installed.close();
        if (passthrough != null) {
            passthrough.unregister();
        }
        loop.close();
        owner.close();
        registry.execute(mirror::clear);
        registry.awaitIdle(loop.callLimit());
        registry.close();
        time.close();
    }

    @Reference(service = Driver.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addDriver(ServiceReference<Driver> reference) {
        DriverDescription description = describe(reference);
        if (description == null) {
            journal.add(LogEntry.Kind.DRIVER_MISBEHAVED, LogLevel.ERROR, "",
                    "service " + reference.getProperty(Constants.SERVICE_ID) + " of bundle " + reference.getBundle()
                            + " is a Driver without the property " + Driver.NAME);
            return;
        }
        LiveDriver driver = new LiveDriver(description, reference.getBundle().getSymbolicName(), new LiveDriver.Source() {
            @Override
            public Driver get() {
                return context.getService(reference);
            }

            @Override
            public void unget() {
                context.ungetService(reference);
            }
        });
        drivers.put(reference, driver);
        loop.arrive(driver);
    }

    void removeDriver(ServiceReference<Driver> reference) {
        LiveDriver driver = drivers.remove(reference);
        if (driver != null) {
            loop.leave(driver);
        }
    }

    private static DriverDescription describe(ServiceReference<Driver> reference) {
        Map<String, Object> properties = new HashMap<>();
        for (String key : reference.getPropertyKeys()) {
            properties.put(key, reference.getProperty(key));
        }
        Object name = properties.get(Driver.NAME);
        return DriverAttributes.read(capabilities(reference.getBundle()).stream()
                .filter(attributes -> name != null && name.equals(attributes.get(DriverCapability.NAMESPACE)))
                .findFirst().orElse(properties));
    }

    private static List<Map<String, Object>> capabilities(Bundle bundle) {
        BundleWiring wiring = bundle == null ? null : bundle.adapt(BundleWiring.class);
        return wiring == null ? List.of()
                : wiring.getCapabilities(DriverCapability.NAMESPACE).stream().map(BundleCapability::getAttributes).toList();
    }

    private void timerDue() {
        loop.timerDue();
    }

    private void failed(Throwable failure) {
        journal.add(LogEntry.Kind.BOARD, LogLevel.ERROR, "", "internal error: " + failure);
        org.slf4j.LoggerFactory.getLogger(DriverCoreComponent.class).error("internal error", failure);
    }

    /** Moments that come faster than the registry follows are passed over; the last one is always shown. */
    private void changed(Moment moment) {
        if (unseen.getAndSet(moment) == null) {
            registry.execute(() -> mirror.show(unseen.getAndSet(null).snapshot()));
        }
    }

    @Override
    public CoreSnapshot snapshot() {
        return loop.moment().snapshot();
    }

    @Override
    public CommandResult execute(Command command) {
        return loop.execute(command);
    }

    @Override
    public Optional<SavedTables> pageTable(String deviceOrGroup) {
        return loop.pageTable(deviceOrGroup);
    }

    @Override
    public boolean awaitIdle(Duration limit) {
        long end = time.nanos() + limit.toNanos();
        return loop.awaitIdle(limit)
                && (registry.isCurrent() || registry.awaitIdle(Duration.ofNanos(Math.max(0, end - time.nanos()))));
    }

    @Override
    public DomainTable pageTable(int group) {
        return loop.pageTable(group);
    }

    @Override
    public List<LogEntry> log() {
        return journal.entries();
    }

    @Override
    public Subscription listen(Consumer<LogEntry> listener) {
        return journal.listen(listener);
    }
}
