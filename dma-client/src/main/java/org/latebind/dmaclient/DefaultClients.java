package org.latebind.dmaclient;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.latebind.devicetree.UnclaimedMasters;
import org.latebind.driver.DriverCapability;
import org.latebind.runtime.BoardSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Drives every available DMA master of the board that no other bundle claims, installed bundles included. Switched off by the
 * property {@code claim_unclaimed} of the PID {@code org.latebind.dmaclient}.
 */
@Component(service = {}, configurationPid = "org.latebind.dmaclient")
@Designate(ocd = DefaultClients.Config.class)
public final class DefaultClients implements SynchronousBundleListener {

    /** Configuration. */
    @ObjectClassDefinition(name = "Latebind generic DMA client", description = "Which DMA masters the generic driver takes")
    public @interface Config {

        /** Whether masters that no other bundle claims are driven. */
        @AttributeDefinition(name = "Claim unclaimed masters")
        boolean claim_unclaimed() default true;
    }

    private final BundleContext context;
    private final BoardSource board;
    private final boolean active;
    private final AtomicInteger requests = new AtomicInteger();
    private UnclaimedMasters current;
    private RegisteredDrivers drivers;

    /** Registers drivers for what is unclaimed now, and follows bundles that come and go. */
    @Activate
    public DefaultClients(BundleContext context, @Reference BoardSource board, Config config) {
        this.context = context;
        this.board = board;
        this.active = config.claim_unclaimed();
        if (active) {
            context.addBundleListener(this);
            update();
        }
    }

    @Deactivate
    void deactivate() {
        context.removeBundleListener(this);
        if (drivers != null) {
            drivers.close();
        }
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.INSTALLED || event.getType() == BundleEvent.UNINSTALLED) {
            update();
        }
    }

    /** Bundles come on any thread: whoever finds an update under way leaves it to that one to look again. */
    private void update() {
        if (requests.getAndIncrement() > 0) {
            return;
        }
        int seen;
        do {
            seen = requests.get();
            registerAnew();
        } while (!requests.compareAndSet(seen, 0));
    }

    private void registerAnew() {
        UnclaimedMasters wanted = UnclaimedMasters.of(board.tree(), claimed());
        if (wanted.equals(current)) {
            return;
        }
        current = wanted;
        if (drivers != null) {
            drivers.close();
        }
        drivers = new RegisteredDrivers(context);
        if (!wanted.hosts().isEmpty()) {
            drivers.register("dma-host", ClientHeader.PLATFORM, wanted.hosts(), List.of(), "*");
            drivers.register("dma-client-pci", "pci", List.of(), List.of("pci:*"), null);
        }
        if (!wanted.amba().isEmpty()) {
            drivers.register("dma-client-amba", "amba", wanted.amba());
        }
        drivers.register("dma-client", ClientHeader.PLATFORM, wanted.platform());
    }

    /** What other bundles drive: their capabilities, and the headers of bundles without code. */
    private Set<String> claimed() {
        Set<String> claimed = new TreeSet<>();
        for (Bundle bundle : context.getBundles()) {
            BundleRevision revision = bundle.adapt(BundleRevision.class);
            if (revision == null || bundle.getState() == Bundle.UNINSTALLED) {
                continue;
            }
            for (BundleCapability capability : revision.getDeclaredCapabilities(DriverCapability.NAMESPACE)) {
                claimed.addAll(strings(capability.getAttributes().get("compatible")));
            }
            String header = bundle.getHeaders("").get(ClientHeader.NAME);
            if (header != null) {
                claimed.addAll(compatibleOf(header));
            }
        }
        return claimed;
    }

    private static List<String> compatibleOf(String header) {
        try {
            return ClientHeader.parse(header).stream().flatMap(clause -> clause.compatible().stream()).toList();
        } catch (ClientHeader.MalformedHeaderException e) {
            // Reported when the bundle starts; it claims nothing.
            return List.of();
        }
    }

    private static List<String> strings(Object attribute) {
        List<String> strings = new ArrayList<>();
        if (attribute instanceof List<?> list) {
            list.forEach(entry -> strings.add(String.valueOf(entry)));
        } else if (attribute instanceof String one) {
            strings.add(one);
        }
        return strings;
    }
}
