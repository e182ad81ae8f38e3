package org.latebind.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.latebind.driver.Bound;
import org.latebind.driver.Deferred;
import org.latebind.driver.Device.LogLevel;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.driver.ProbeResult;
import org.latebind.flight.Flight;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.core.Configuration;
import org.latebind.iommu.core.DriverMisbehavedException;
import org.latebind.iommu.core.Group;
import org.latebind.iommu.core.IommuCore;
import org.latebind.iommu.core.StreamClient;
import org.latebind.iommu.core.Unit;
import org.latebind.probe.Action;
import org.latebind.probe.AttachAnswer;
import org.latebind.probe.Board;
import org.latebind.probe.Event;
import org.latebind.probe.ProbeAnswer;
import org.latebind.probe.Unattached;
import org.latebind.runtime.LogEntry;

/** Carries out what the engine decided, and answers it. Owner thread. */
final class Execution {

    /** What a bound device holds. */
    private record Held(LiveDriver driver, Bound bound) {
    }

    private final Board board;
    private final Devices devices;
    private final Clients clients;
    private final IommuCore iommus;
    private final DriverCalls calls;
    private final DriverTable drivers;
    private final DmaApis dma;
    private final Journal journal;
    private final Map<Integer, Held> held = new HashMap<>();
    /** Units that refused a device by policy: they may still make its bus addresses (Xen grants). */
    private final Map<Integer, Unit> refusers = new HashMap<>();

    Execution(Board board, Devices devices, Clients clients, IommuCore iommus, DriverCalls calls, DriverTable drivers,
            DmaApis dma, Journal journal) {
        this.board = board;
        this.devices = devices;
        this.clients = clients;
        this.iommus = iommus;
        this.calls = calls;
        this.drivers = drivers;
        this.dma = dma;
        this.journal = journal;
    }

    /** Does an awaited action and returns the answer. */
    Event answer(Action action) {
        if (action instanceof Action.Probe probe) {
            return new Event.Probed(probe(probe.device(), drivers.at(probe.driver())));
        }
        if (action instanceof Action.Attach attach) {
            return new Event.Attached(attach(attach.device()));
        }
        if (action instanceof Action.Release release) {
            release(release.device());
            return new Event.Done();
        }
        if (action instanceof Action.Remove remove) {
            remove(remove.device());
            return new Event.Done();
        }
        throw new IllegalStateException("not an action that is awaited: " + action);
    }

    /** The unit of a device that bound as an IOMMU is registered from now on. */
    void register(int device) {
        Held holder = Objects.requireNonNull(held.get(device), "an IOMMU without a binding");
        IommuOps ops = holder.bound().iommu();
        if (ops != null) {
            iommus.register(holder.driver().name(), ops);
        }
    }

    void unregister(int iommu) {
        String path = board.iommuPath(iommu);
        refusers.values().removeIf(unit -> unit.path().equals(path));
        iommus.unregister(path);
    }

    private ProbeAnswer probe(int device, LiveDriver driver) {
        if (driver == null || driver.departing()) {
            return new ProbeAnswer.Failed(Errno.ENODEV.number(), "its driver is leaving");
        }
        TreeDevice view = devices.at(device);
        Flight.Span span = Flight.probe(view.path(), driver.name());
        try {
            view.dma(dma.of(view, clients.find(device), refusers.get(device)));
            ProbeResult result = calls.ask(driver.name(), "probe of " + view.path(), () -> {
                org.latebind.driver.Driver service = driver.driver();
                return service == null ? ProbeResult.failed(Errno.ENODEV, "the driver's service is gone") : service.probe(view);
            });
            span.end(0, 0, result instanceof Bound ? "bound" : String.valueOf(result));
            return judge(device, driver, result);
        } catch (DriverMisbehavedException e) {
            span.end(0, 0, e.getMessage());
            report(e, view.path());
            endDma(view);
            return new ProbeAnswer.Failed(e.errno().number(), e.getMessage());
        }
    }

    private ProbeAnswer judge(int device, LiveDriver driver, ProbeResult result) throws DriverMisbehavedException {
        if (result instanceof Bound bound) {
            return driver.departing() ? discard(device, driver, bound) : hold(device, driver, bound);
        }
        endDma(devices.at(device));
        if (result instanceof Deferred deferred) {
            return new ProbeAnswer.Deferred(deferred.supplier(), deferred.reason());
        }
        if (result instanceof Failed failed) {
            return new ProbeAnswer.Failed(failed.errno().number(), failed.text());
        }
        throw new DriverMisbehavedException(driver.name(), Errno.EINVAL, driver.name() + " answered nothing to probe", null);
    }

    private ProbeAnswer hold(int device, LiveDriver driver, Bound bound) throws DriverMisbehavedException {
        Unattached unattached = Unattached.BYPASS;
        if (bound.iommu() != null) {
            IommuOps.Unattached said = calls.ask(driver.name(), "unattached", bound.iommu()::unattached);
            unattached = said == IommuOps.Unattached.ABORT ? Unattached.ABORT : Unattached.BYPASS;
        }
        held.put(device, new Held(driver, bound));
        driver.devices().add(board.device(device).path());
        return new ProbeAnswer.Bound(bound.iommu() != null, unattached, driver.description().createsDevices() != null);
    }

    /** The driver left while it was in its probe: nobody will ever ask it to let go again. */
    private ProbeAnswer discard(int device, LiveDriver driver, Bound bound) {
        String path = board.device(device).path();
        close(driver, path, bound);
        endDma(devices.at(device));
        String text = driver.name() + " left in the middle of its own probe";
        journal.add(LogEntry.Kind.DRIVER_MISBEHAVED, LogLevel.ERROR, path, text, Map.of("driver", driver.name()));
        return new ProbeAnswer.Failed(Errno.ENODEV.number(), text);
    }

    private AttachAnswer attach(int device) {
        TreeDevice view = devices.at(device);
        StreamClient client = clients.of(device, view);
        Configuration outcome = iommus.configure(client, clients.specifiers(device), clients.regions(client, view));
        refusers.remove(device);
        if (outcome instanceof Configuration.Grouped grouped) {
            return joined(device, grouped.group());
        }
        Configuration.Untranslated refused = (Configuration.Untranslated) outcome;
        if (refused.errno() != Errno.ENODEV) {
            return new AttachAnswer.Error(refused.errno().number(), refused.reason());
        }
        iommus.unit(clients.specifiers(device).get(0).iommu()).ifPresent(unit -> refusers.put(device, unit));
        return new AttachAnswer.Refused(refused.reason());
    }

    private AttachAnswer joined(int device, Group group) {
        int shares = group.members().stream().map(clients::numberOf).filter(other -> other != device).findFirst()
                .orElse(AttachAnswer.ALONE);
        return new AttachAnswer.Attached(group.current().type() == DomainType.IDENTITY, shares);
    }

    private void release(int device) {
        StreamClient client = clients.find(device);
        if (client != null) {
            dma.detaching(devices.at(device), client);
            iommus.release(client);
        }
    }

    private void remove(int device) {
        Held holder = held.remove(device);
        if (holder == null) {
            return;
        }
        String path = board.device(device).path();
        close(holder.driver(), path, holder.bound());
        endDma(devices.at(device));
        holder.driver().devices().remove(path);
    }

    private void close(LiveDriver driver, String path, Bound bound) {
        try {
            calls.ask(driver.name(), "remove of " + path, () -> {
                bound.binding().close();
                return null;
            });
        } catch (DriverMisbehavedException e) {
            report(e, path);
        }
    }

    private void endDma(TreeDevice view) {
        try {
            dma.end(view);
        } catch (DriverMisbehavedException e) {
            report(e, view.path());
        }
    }

    /** Writes a broken contract into the log. */
    void report(DriverMisbehavedException e, String path) {
        journal.add(LogEntry.Kind.DRIVER_MISBEHAVED, LogLevel.ERROR, path, e.getMessage(),
                Map.of("driver", e.driver(), "errno", e.errno().name()));
    }
}
