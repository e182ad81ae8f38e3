package org.latebind.explorer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.latebind.probe.Board;
import org.latebind.probe.BoardBuilder;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.Unattached;

/** Random small boards with up to six loadable modules, a policy, parameters, constraints and events; all from one seed. */
final class RandomMachine {

    private static final int MODULES_MAX = 6;

    private final Random random;
    private final List<KernelModule> modules = new ArrayList<>();
    private int loadable;
    private boolean first;

    private RandomMachine(long seed) {
        random = new Random(seed);
    }

    static ExplorerInput of(long seed) {
        return new RandomMachine(seed).input((int) (seed % Policy.all().size()));
    }

    /** Every client creates a device, and then asks for a GPIO. */
    static ExplorerInput creatingFirst(long seed) {
        RandomMachine machine = new RandomMachine(seed);
        machine.first = true;
        return machine.input((int) (seed % Policy.all().size()));
    }

    private boolean chance(int of) {
        return random.nextInt(of) == 0;
    }

    private ExplorerInput input(int policyNumber) {
        Policy policy = Policy.all().get(policyNumber);
        int iommus = 1 + random.nextInt(2);
        int suppliers = random.nextInt(3);
        int clients = 1 + random.nextInt(3);
        BoardBuilder board = Board.builder("random");
        boolean legacy = chance(6);
        for (int i = 0; i < suppliers; i++) {
            BoardBuilder.DeviceDraft d = board.device("/reg@" + i, "reg" + i);
            if (i > 0 && chance(3)) {
                d.supplier("vdd-supply", "/reg@" + (i - 1));
            }
        }
        boolean clientsFirst = random.nextBoolean();
        if (clientsFirst) {
            clients(board, clients, iommus, suppliers, legacy);
        }
        for (int i = 0; i < iommus; i++) {
            BoardBuilder.DeviceDraft d = board.device("/iommu@" + i, "iommu" + i).isIommu();
            if (suppliers > 0 && chance(2)) {
                d.supplier(chance(3) ? "power-domains" : chance(3) ? "gpios" : "vdd-supply", "/reg@" + random.nextInt(suppliers));
            }
        }
        if (!clientsFirst) {
            clients(board, clients, iommus, suppliers, legacy);
        }
        modules(iommus, suppliers, clients, legacy);
        Parameters parameters = parameters();
        AllowedEvents events = new AllowedEvents(true, random.nextInt(2), !chance(5), chance(5) ? 1 : 0, chance(8) ? 1 : 0);
        return new ExplorerInput(board.build(), new ModuleCatalogue(modules), policy, parameters, constraints(), events,
            Limits.DEFAULT.withThreads(1).withRepairs(false));
    }

    private void clients(BoardBuilder board, int clients, int iommus, int suppliers, boolean legacy) {
        for (int i = 0; i < clients; i++) {
            BoardBuilder.DeviceDraft d = board.device("/client@" + i, chance(6) ? "client0" : "client" + i);
            int entries = chance(6) ? 0 : chance(4) ? 2 : 1;
            if (legacy && chance(2)) {
                d.legacyMaster("/iommu@" + random.nextInt(iommus));
                entries = 0;
            }
            for (int e = 0; e < entries; e++) {
                d.iommus("/iommu@" + random.nextInt(iommus), random.nextInt(chance(3) ? 9 : 4), chance(6) ? random.nextInt(4) : 0);
            }
            if (chance(4)) {
                d.groupKey("slot");
            }
            if (first && suppliers > 0) {
                d.asks("gpios", "/reg@" + random.nextInt(suppliers));
            } else if (suppliers > 0 && chance(3)) {
                d.supplier(chance(4) ? "power-domains" : chance(3) ? "gpios" : "vdd-supply", "/reg@" + random.nextInt(suppliers));
            }
            if (i > 0 && chance(5)) {
                d.supplier("clocks", "/client@" + (i - 1));
            }
            if (chance(7) || first) {
                BoardBuilder.DeviceDraft child = board.child("/client@" + i, "virtio", "virtio", "/client@" + i + "/virtio")
                    .namedLate().driverHint("child");
                if (chance(3)) {
                    child.mapped("/iommu@0", 3);
                }
            }
        }
    }

    private void modules(int iommus, int suppliers, int clients, boolean legacy) {
        boolean same = random.nextBoolean();
        for (int i = 0; i < (same ? 1 : iommus); i++) {
            DriverDescription driver = DriverDescription.named("iommu" + i)
                .withIommu(random.nextBoolean() ? Unattached.ABORT : Unattached.BYPASS).withClientLinks(chance(4))
                .withEnabledAfterRemove(random.nextBoolean()).withLegacyBinding(legacy || chance(5))
                .withSuppliersAsked(chance(3) ? new String[] {"gpios"} : new String[0]);
            driver = chance(5) ? driver.withStreamIdMax(6) : driver;
            driver = chance(2) ? driver.withGrouping(DriverDescription.Grouping.STREAM)
                : chance(3) ? driver.withGrouping(DriverDescription.Grouping.EXCLUSIVE) : driver;
            add("iommu" + i, same ? driver.withCompatible("iommu0", "iommu1") : driver.withCompatible("iommu" + i));
        }
        for (int i = 0; i < suppliers; i++) {
            add("reg" + i, DriverDescription.named("reg" + i).withCompatible("reg" + i).withAsync(chance(4)));
        }
        for (int i = 0; i < clients; i++) {
            DriverDescription driver = DriverDescription.named("client" + i).withCompatible("client" + i)
                .withCreatesDevices("virtio").withCreatesFirst(first)
                .withSuppliersAsked(chance(3) || first ? new String[] {"gpios"} : new String[0])
                .withDeferBecomesError(chance(8)).withAsync(chance(8));
            add("client" + i, driver);
        }
        if (chance(6)) {
            add("second", DriverDescription.named("second").withCompatible("client0"));
        }
        add("child", DriverDescription.named("child").withBus("virtio"));
    }

    private void add(String name, DriverDescription driver) {
        boolean builtin = loadable >= MODULES_MAX - 1 || chance(3);
        loadable += builtin ? 0 : 1;
        modules.add(builtin ? new KernelModule(name, true, chance(4) ? "subsys" : "device", random.nextInt(9), List.of(driver))
            : KernelModule.loadable(name, driver));
    }

    private Parameters parameters() {
        Parameters p = Parameters.DEFAULTS;
        p = chance(5) ? p.with("deferred_probe_timeout", chance(2) ? "0" : "-1") : p;
        p = chance(5) ? p.with("deferred_probe_timeout", "5") : p;
        p = chance(6) ? p.with("fw_devlink", List.of("off", "permissive", "on", "rpm").get(random.nextInt(4))) : p;
        p = chance(6) ? p.with("fw_devlink.strict", "1") : p;
        p = chance(8) ? p.with("iommu.passthrough", "1") : p;
        p = chance(8) ? p.with("modules", "n") : p;
        p = chance(8) ? p.with("unknown_suppliers", "ready") : p;
        return p;
    }

    private Constraints constraints() {
        Constraints c = Constraints.NONE;
        List<String> names = modules.stream().filter(m -> !m.builtin()).map(KernelModule::name).toList();
        if (names.size() < 2 || !chance(4)) {
            return c;
        }
        int a = random.nextInt(names.size());
        int b = random.nextInt(names.size());
        if (a < b) {
            c = c.with(new Constraints.Order(names.get(b), names.get(a), Constraints.Origin.SOFTDEP));
        }
        if (chance(3)) {
            return c.with(new Constraints.Order(Constraints.LATE_INIT, names.get(a), Constraints.Origin.GIVEN));
        }
        return a >= b && chance(2) ? c.withInitramfs(Set.of(names.get(a))) : c;
    }
}
