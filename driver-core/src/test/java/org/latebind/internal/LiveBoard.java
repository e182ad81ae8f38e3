package org.latebind.internal;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaSpace;
import org.latebind.driver.Bound;
import org.latebind.driver.Driver;
import org.latebind.driver.ProbeResult;
import org.latebind.iommu.core.ToyIommu;
import org.latebind.probe.Board;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.Unattached;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.LogEntry;

/** A running board without OSGi, and drivers whose answers the test chooses. */
final class LiveBoard implements AutoCloseable {

    static final String TWO_CLIENTS = """
            /dts-v1/;
            / {
                #address-cells = <1>;
                #size-cells = <1>;
                a@2000 { compatible = "toy,client"; reg = <0x2000 0x100>; iommus = <&unit 1>; };
                unit: iommu@1000 { compatible = "toy,iommu"; reg = <0x1000 0x100>; #iommu-cells = <1>; };
                b@3000 { compatible = "toy,client"; reg = <0x3000 0x100>; iommus = <&unit 2>; };
            };
            """;

    private static final DeviceTree EMPTY = DtsReader.read("test.dts", "/dts-v1/; / { };");

    /** Everything drivers were asked, in order. */
    final List<String> calls = new CopyOnWriteArrayList<>();
    final ManualTime time = new ManualTime();
    final Journal journal;
    final CoreLoop loop;
    private final Owner owner;
    private final Owner delivery;

    LiveBoard(String dts, Policy policy) {
        this(DtsReader.read("test.dts", dts), describe(), policy);
    }

    /** A board of which no tree says anything; its drivers read none. */
    LiveBoard(Board board, Policy policy) {
        this(EMPTY, board, policy);
    }

    private LiveBoard(DeviceTree tree, Board board, Policy policy) {
        owner = new Owner("test-core", time, e -> calls.add("internal error " + e));
        delivery = new Owner("test-delivery", time, e -> calls.add("internal error " + e));
        VirtualClock clock = new VirtualClock(time, false, () -> { });
        journal = new Journal(clock::nanos, delivery);
        Setup setup = new Setup("test", tree, board, policy, Parameters.DEFAULTS, new BareMachine(), time,
                new NoDma(), ManualTime.CALL_LIMIT, Duration.ofSeconds(30));
        loop = new CoreLoop(setup, journal, clock, owner, moment -> { });
        loop.start();
    }

    /** The toy drivers transfer nothing. */
    private static final class NoDma implements DmaApis.Factory {

        @Override
        public DmaApi direct(TreeDevice device) {
            return null;
        }

        @Override
        public DmaApi translated(DmaSpace space, TreeDevice device) {
            return null;
        }
    }

    private static Board describe() {
        return Board.builder("test")
                .device("/a@2000", "toy,client").iommus("/iommu@1000", 1).and()
                .device("/iommu@1000", "toy,iommu").isIommu().and()
                .device("/b@3000", "toy,client").iommus("/iommu@1000", 2).and()
                .build();
    }

    static DriverDescription client(String name, String... compatible) {
        return DriverDescription.named(name).withCompatible(compatible);
    }

    /** A driver whose probe is the test's. */
    LiveDriver arrive(DriverDescription description, Driver driver) {
        LiveDriver live = new LiveDriver(description, description.name() + "-bundle", new LiveDriver.Source() {
            @Override
            public Driver get() {
                return driver;
            }

            @Override
            public void unget() {
                calls.add("unget " + description.name());
            }
        });
        loop.arrive(live);
        settle();
        return live;
    }

    /** A driver that binds whatever it is given. */
    LiveDriver arriveClient() {
        return arrive(client("toy-client", "toy,client"), device -> {
            calls.add("probe " + device.path());
            return ProbeResult.bound(() -> calls.add("remove " + device.path()));
        });
    }

    /** The driver of the board's IOMMU. */
    LiveDriver arriveIommu() {
        return arrive(client("toy-iommu", "toy,iommu").withIommu(Unattached.BYPASS), device -> {
            calls.add("probe " + device.path());
            return new Bound(() -> calls.add("remove " + device.path()), new ToyIommu(device.path(), calls));
        });
    }

    void settle() {
        if (!loop.awaitIdle(Duration.ofSeconds(30))) {
            throw new IllegalStateException("not idle");
        }
    }

    Map<String, String> outcomes() {
        settle();
        Map<String, String> outcomes = new TreeMap<>();
        for (DeviceStatus device : loop.moment().snapshot().devices()) {
            outcomes.put(device.path(), device.outcome());
        }
        return outcomes;
    }

    List<String> misbehaviour() {
        settle();
        return journal.entries().stream().filter(entry -> entry.kind() == LogEntry.Kind.DRIVER_MISBEHAVED)
                .map(LogEntry::text).toList();
    }

    /** The driver that is asked next hangs: time is up as soon as it says so. */
    CountDownLatch hangNext() {
        CountDownLatch entered = new CountDownLatch(1);
        time.timeUp = entered;
        return entered;
    }

    @Override
    public void close() {
        loop.close();
        owner.close();
        delivery.close();
    }
}
