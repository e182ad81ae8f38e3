package org.latebind.iommu.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.latebind.driver.Errno;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.ReservedRegion;
import org.latebind.iommu.Translation;

/**
 * Registered units, and what it takes to put a device behind one and to take it away again.
 *
 * <p>Every call into a driver goes through {@link DriverCall}: what throws or hangs counts as refused, is reported, and
 * what was done before is undone in reverse order.
 */
public final class IommuCore {

    private final Map<String, Unit> units = new LinkedHashMap<>();
    private final GroupTable groups = new GroupTable();
    private final DriverCall drivers;
    private final Consumer<DriverMisbehavedException> reports;
    private DomainPolicy policy = DomainPolicy.DEFAULT;

    /**
     * Makes an empty core.
     *
     * @param drivers runs driver code; not null
     * @param reports told of every broken contract; not null
     */
    public IommuCore(DriverCall drivers, Consumer<DriverMisbehavedException> reports) {
        this.drivers = Objects.requireNonNull(drivers, "drivers");
        this.reports = Objects.requireNonNull(reports, "reports");
    }

    /** Sets what new groups get; existing ones keep what they have. */
    public void policy(DomainPolicy wanted) {
        policy = Objects.requireNonNull(wanted, "wanted");
    }

    /** Registered units in order of registration; a view. */
    public Collection<Unit> units() {
        return Collections.unmodifiableCollection(units.values());
    }

    /** The unit at a path. */
    public Optional<Unit> unit(String path) {
        return Optional.ofNullable(units.get(path));
    }

    /** The groups by number. */
    public List<Group> groups() {
        return groups.sorted();
    }

    /** The group of a client. */
    public Optional<Group> groupOf(StreamClient client) {
        return groups.of(client);
    }

    /**
     * Registers a unit. Who is configured on it next is the caller's decision.
     *
     * @throws IllegalStateException when the path is taken
     */
    public Unit register(String driver, IommuOps ops) {
        Unit unit = new Unit(driver, ops);
        if (units.putIfAbsent(unit.path(), unit) != null) {
            throw new IllegalStateException("an IOMMU is registered at " + unit.path() + " already");
        }
        return unit;
    }

    /** Releases the clients that are still there, last come first, and forgets the unit. Unknown paths are ignored. */
    public void unregister(String path) {
        Unit unit = units.get(path);
        if (unit == null) {
            return;
        }
        List<StreamClient> clients = new ArrayList<>(unit.clients());
        Collections.reverse(clients);
        clients.forEach(this::release);
        units.remove(path);
    }

    /**
     * Translates the specifiers of a device, groups it and attaches it. A device that is in a group already stays as it
     * is (Linux: a fwspec survives a failed probe and an unbind).
     *
     * @param client     the device; not null
     * @param specifiers its references, in the order of the tree; not empty
     * @param regions    reserved regions the firmware names; not null
     */
    public Configuration configure(StreamClient client, List<Specifier> specifiers, List<ReservedRegion> regions) {
        Optional<Group> present = groups.of(client);
        if (present.isPresent()) {
            return new Configuration.Grouped(present.get());
        }
        try {
            Configuration.Untranslated refusal = translate(client, specifiers);
            if (refusal != null) {
                client.forgetStreams();
                return refusal;
            }
            return join(client, units.get(client.iommuPath()), regions);
        } catch (DriverMisbehavedException e) {
            reports.accept(e);
            client.forgetStreams();
            return new Configuration.Untranslated(e.errno(), e.getMessage());
        }
    }

    private Configuration.Untranslated translate(StreamClient client, List<Specifier> specifiers)
            throws DriverMisbehavedException {
        String driver = null;
        for (Specifier specifier : specifiers) {
            Unit unit = units.get(specifier.iommu());
            if (unit == null) {
                return new Configuration.Untranslated(Errno.ENODEV, "no IOMMU is registered at " + specifier.iommu());
            }
            if (driver != null && !driver.equals(unit.driver())) {
                return new Configuration.Untranslated(Errno.EINVAL,
                        "its IOMMUs belong to different drivers, " + driver + " and " + unit.driver());
            }
            driver = unit.driver();
            Translation answer = ask(unit, "translate", () -> unit.ops().translate(client, specifier.cells()));
            if (answer instanceof Translation.Refused refused) {
                return new Configuration.Untranslated(refused.errno(), refused.reason());
            }
            if (!(answer instanceof Translation.Ids ids)) {
                return new Configuration.Untranslated(Errno.EINVAL, driver + " answered nothing to a specifier");
            }
            client.append(unit.path(), ids.ids());
        }
        return driver == null ? new Configuration.Untranslated(Errno.ENODEV, "no IOMMU named") : null;
    }

    private Configuration join(StreamClient client, Unit unit, List<ReservedRegion> regions)
            throws DriverMisbehavedException {
        Errno refused = ask(unit, "probe of a client", () -> unit.ops().probe(client));
        if (refused != null) {
            client.forgetStreams();
            return new Configuration.Untranslated(refused, unit.driver() + " refused the device: " + refused);
        }
        Configuration outcome;
        try {
            outcome = group(client, unit, regions);
        } catch (DriverMisbehavedException e) {
            forget(client, unit);
            throw e;
        }
        if (outcome instanceof Configuration.Untranslated) {
            forget(client, unit);
        }
        return outcome;
    }

    private Configuration group(StreamClient client, Unit unit, List<ReservedRegion> regions)
            throws DriverMisbehavedException {
        Object asked = ask(unit, "group key", () -> unit.ops().groupKey(client));
        // A driver that does not care leaves it to PCI rules; whom they leave alone is alone.
        Object key = asked != null ? asked : client.pciGroup() != null ? client.pciGroup() : client.path();
        Optional<Group> shared = groups.find(unit, key);
        Domain domain = shared.isPresent() ? shared.get().current() : allocate(client, unit);
        if (domain == null) {
            return new Configuration.Untranslated(Errno.ENOMEM, unit.driver() + " offers no domain for the device");
        }
        List<ReservedRegion> all = new ArrayList<>(regions);
        Errno error;
        try {
            List<ReservedRegion> own = ask(unit, "reserved regions", () -> unit.ops().reservedRegions(client));
            all.addAll(Objects.requireNonNullElse(own, List.of()));
            error = attach(client, unit, domain, all);
        } catch (DriverMisbehavedException e) {
            closeUnshared(unit, domain, shared);
            throw e;
        }
        if (error != null) {
            closeUnshared(unit, domain, shared);
            return new Configuration.Untranslated(error, unit.driver() + " could not attach the device: " + error
                    + (domain.describe().isEmpty() ? "" : " (" + domain.describe() + ")"));
        }
        Group group = shared.orElseGet(() -> groups.create(unit, key));
        if (shared.isEmpty()) {
            group.adopt(domain);
        }
        group.join(client, all);
        unit.add(client);
        return new Configuration.Grouped(group);
    }

    private void closeUnshared(Unit unit, Domain domain, Optional<Group> shared) {
        if (shared.isEmpty()) {
            tell(unit, "close of a domain", domain::close);
        }
    }

    private Domain allocate(StreamClient client, Unit unit) throws DriverMisbehavedException {
        DomainType insisted = ask(unit, "default domain type", () -> unit.ops().defaultDomainType(client));
        for (DomainType type : policy.candidates(insisted)) {
            Domain domain = ask(unit, "allocation of a domain", () -> unit.ops().allocate(type, client));
            if (domain != null) {
                return domain;
            }
        }
        return null;
    }

    private Errno attach(StreamClient client, Unit unit, Domain domain, List<ReservedRegion> all)
            throws DriverMisbehavedException {
        boolean direct = all.stream().anyMatch(DirectMappings::wanted);
        // Before the attach, so that a device that is running already never sees them unmapped.
        boolean mapped = !direct || !(domain instanceof PagingDomain paging)
                || ask(unit, "direct mapping", () -> DirectMappings.map(paging, all));
        Errno error = ask(unit, "attach", () -> domain.attach(client));
        if (error == null && !mapped && domain instanceof PagingDomain paging
                && !ask(unit, "direct mapping", () -> DirectMappings.map(paging, all))) {
            tell(unit, "detach", () -> domain.detach(client));
            return Errno.EINVAL;
        }
        return error;
    }

    /** Detaches a device, takes it out of its group and forgets its streams. A device without group is left alone. */
    public void release(StreamClient client) {
        Optional<Group> found = groups.of(client);
        if (found.isEmpty()) {
            return;
        }
        Group group = found.get();
        Unit unit = group.unit();
        tell(unit, "detach", () -> group.current().detach(client));
        group.leave(client);
        unit.remove(client);
        forget(client, unit);
        if (group.members().isEmpty()) {
            groups.drop(group);
            Domain last = group.current();
            tell(unit, "close of a domain", last::close);
            if (group.defaultDomain() != last) {
                tell(unit, "close of a domain", group.defaultDomain()::close);
            }
        }
    }

    private void forget(StreamClient client, Unit unit) {
        tell(unit, "release of a client", () -> unit.ops().release(client));
        client.forgetStreams();
    }

    private <T> T ask(Unit unit, String what, java.util.concurrent.Callable<T> call) throws DriverMisbehavedException {
        return drivers.ask(unit.driver(), what, call);
    }

    /** For the way back, which goes on whatever a driver does. */
    private void tell(Unit unit, String what, Runnable call) {
        try {
            drivers.ask(unit.driver(), what, () -> {
                call.run();
                return null;
            });
        } catch (DriverMisbehavedException e) {
            reports.accept(e);
        }
    }
}
