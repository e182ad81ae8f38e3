package org.latebind.console.web;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.console.module.DriverModules;
import org.latebind.hardware.Machine;
import org.latebind.runtime.BoardSource;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.DriverCore;
import org.latebind.runtime.LogEntry;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** What all servlets of the page share: the run, its state, its log, and who may change it. Thread safe. */
@Component(service = LivePage.class)
public final class LivePage {

    /** Framework property: the token of this run. */
    static final String TOKEN = "latebind.web.token";
    /** Framework property of Felix HTTP: the port. */
    static final String PORT = "org.osgi.service.http.port";

    private final String run;
    private final Access access;
    private final DriverCore core;
    private final DriverModules modules;
    private final Machine machine;
    private final Map<String, Object> topology;
    private final DriverCore.Subscription subscription;
    /** Entries by sequence number; guarded by itself. */
    private final List<LogEntry> log = new ArrayList<>();

    @Reference(policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<DmaClient> clients = List.of();

    /** Takes the services the page shows. */
    @Activate
    public LivePage(BundleContext context, @Reference DriverCore core, @Reference DriverModules modules,
            @Reference Machine machine, @Reference BoardSource board) {
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        this.run = HexFormat.of().formatHex(random);
        this.access = new Access(Integer.parseInt(context.getProperty(PORT)), context.getProperty(TOKEN));
        this.core = core;
        this.modules = modules;
        this.machine = machine;
        this.topology = Topology.of(board.devices());
        this.subscription = core.listen(this::append);
        core.log().forEach(this::append);
    }

    @Deactivate
    void close() {
        subscription.close();
    }

    /** The past comes from the list, the rest from the subscription; what both bring counts once, and order is by number. */
    private void append(LogEntry entry) {
        synchronized (log) {
            int at = (int) entry.sequence();
            while (log.size() <= at) {
                log.add(null);
            }
            log.set(at, entry);
        }
    }

    /** Id of this run; a page that knows another one starts afresh. */
    String run() {
        return run;
    }

    Access access() {
        return access;
    }

    DriverCore core() {
        return core;
    }

    DriverModules modules() {
        return modules;
    }

    List<DmaClient> clients() {
        return clients;
    }

    Map<String, Object> topology() {
        return topology;
    }

    /** At most {@code count} entries from number {@code from} on, up to the first that has not arrived yet. */
    List<LogEntry> log(long from, int count) {
        synchronized (log) {
            List<LogEntry> part = new ArrayList<>();
            for (long i = Math.max(0, from); i < log.size() && part.size() < count && log.get((int) i) != null; i++) {
                part.add(log.get((int) i));
            }
            return part;
        }
    }

    int logSize() {
        synchronized (log) {
            return log.size();
        }
    }

    CoreSnapshot snapshot() {
        return core.snapshot();
    }

    /** Everything, read now. */
    PageState state() {
        Map<String, Integer> transfers = new TreeMap<>();
        for (DmaClient client : clients) {
            transfers.put(client.devicePath(), client.streams());
        }
        return new PageState(core.snapshot(), modules.modules(), machine.findings(), transfers);
    }
}
