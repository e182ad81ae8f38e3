package org.latebind.probe;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small random boards with their modules, and random events on them; everything from one seed. */
final class RandomBoards {

    final ProbeEngine engine;
    private final Random random;
    private final List<Event> fixed = new ArrayList<>();

    RandomBoards(long seed, Policy policy) {
        random = new Random(seed);
        BoardBuilder board = Board.builder("random " + seed);
        int iommus = 1 + random.nextInt(2);
        int suppliers = random.nextInt(3);
        int clients = 1 + random.nextInt(4);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < iommus + suppliers + clients; i++) {
            order.add(i);
        }
        java.util.Collections.shuffle(order, random);
        for (int i : order) {
            if (i < iommus) {
                iommu(board, i, suppliers);
            } else if (i < iommus + suppliers) {
                board.device("/reg@" + (i - iommus), "reg" + (i - iommus));
            } else {
                client(board, i - iommus - suppliers, iommus, suppliers);
            }
        }
        Parameters parameters = Parameters.DEFAULTS;
        if (random.nextInt(3) == 0) {
            parameters = parameters.with("deferred_probe_timeout", List.of("-1", "0", "2", "10").get(random.nextInt(4)));
        }
        if (random.nextInt(4) == 0) {
            parameters = parameters.with("fw_devlink.strict", "1");
        }
        engine = new ProbeEngine(board.build(), modules(iommus, suppliers, clients), policy, parameters);
    }

    private void iommu(BoardBuilder board, int i, int suppliers) {
        BoardBuilder.DeviceDraft d = board.device("/iommu@" + i, "iommu" + i).isIommu();
        if (random.nextInt(8) == 0) {
            d.node.disabled();
        }
        if (suppliers > 0 && random.nextInt(3) == 0) {
            d.supplier("vdd-supply", "/reg@" + random.nextInt(suppliers));
        }
    }

    private void client(BoardBuilder board, int i, int iommus, int suppliers) {
        BoardBuilder.DeviceDraft d = board.device("/client@" + i, "client" + i);
        if (suppliers > 0 && random.nextBoolean()) {
            d.supplier("vdd-supply", "/reg@" + random.nextInt(suppliers));
        }
        int entries = random.nextInt(3);
        for (int e = 0; e < entries; e++) {
            d.iommus("/iommu@" + random.nextInt(iommus), random.nextInt(4), random.nextInt(6) == 0 ? random.nextInt(4) : 0);
        }
        if (random.nextInt(4) == 0) {
            board.child("/client@" + i, "virtio", "virtio", "/client@" + i + "/virtio").namedLate().driverHint("child");
        }
        if (random.nextInt(4) == 0) {
            d.groupKey("slot");
        }
    }

    private ModuleCatalogue modules(int iommus, int suppliers, int clients) {
        List<KernelModule> modules = new ArrayList<>();
        boolean same = random.nextBoolean();
        String[] all = new String[iommus];
        for (int i = 0; i < iommus; i++) {
            all[i] = "iommu" + i;
        }
        for (int i = 0; i < (same ? 1 : iommus); i++) {
            DriverDescription driver = DriverDescription.named("iommu" + i).withIommu(random.nextBoolean() ? Unattached.ABORT
                : Unattached.BYPASS).withClientLinks(random.nextInt(4) == 0).withGrouping(random.nextBoolean()
                ? DriverDescription.Grouping.STREAM : random.nextBoolean() ? DriverDescription.Grouping.EXCLUSIVE
                : DriverDescription.Grouping.DEVICE);
            modules.add(module("iommu" + i, same ? driver.withCompatible(all) : driver.withCompatible("iommu" + i)));
        }
        for (int i = 0; i < suppliers; i++) {
            modules.add(module("reg" + i, DriverDescription.named("reg" + i).withCompatible("reg" + i)
                .withAsync(random.nextInt(3) == 0)));
        }
        for (int i = 0; i < clients; i++) {
            modules.add(module("client" + i, DriverDescription.named("client" + i).withCompatible("client" + i)
                .withCreatesDevices("virtio")));
        }
        modules.add(module("child", DriverDescription.named("child").withBus("virtio")));
        return new ModuleCatalogue(modules);
    }

    private KernelModule module(String name, DriverDescription driver) {
        return random.nextInt(4) == 0 ? KernelModule.builtin(name, random.nextInt(9), driver)
            : KernelModule.loadable(name, driver);
    }

    /** The next random event; some are refused. */
    Event event(State s) {
        int devices = engine.board().deviceCount();
        int modules = engine.catalogue().modules().size();
        return switch (random.nextInt(16)) {
            case 0, 1, 2, 3, 4 -> new Event.Load(random.nextInt(modules));
            case 5 -> new Event.Unload(random.nextInt(modules), random.nextBoolean());
            case 6, 7 -> new Event.LateInit();
            case 8 -> new Event.Expire();
            case 9 -> new Event.Advance(s.nowMicros() + random.nextInt(4_000_000));
            case 10 -> new Event.Unbind(random.nextInt(devices));
            case 11 -> new Event.Bind(random.nextInt(devices), -1);
            case 12 -> random.nextBoolean() ? new Event.RemoveDevice(random.nextInt(devices))
                : new Event.AddDevice(creatorless(devices));
            case 13 -> new Event.InjectFailure(-1, random.nextInt(devices), random.nextInt(2) * 5);
            case 14 -> random.nextBoolean() ? new Event.Suspend() : new Event.Resume();
            default -> random.nextBoolean() ? new Event.Init() : new Event.RegisterUnrelated();
        };
    }

    private int creatorless(int devices) {
        int d = random.nextInt(devices);
        while (engine.board().device(d).creator() >= 0) {
            d = random.nextInt(devices);
        }
        return d;
    }
}
