package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.devicetree.DeviceTreeFile;
import org.latebind.probe.Action;
import org.latebind.probe.Board;
import org.latebind.probe.BoardBuilder;
import org.latebind.probe.BoardReader;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Event;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.Population;
import org.latebind.probe.ProbeEngine;
import org.latebind.probe.Reason;
import org.latebind.probe.State;
import org.latebind.probe.Step;
import org.latebind.probe.Unattached;

/**
 * The story of the mailing-list thread: a virtio device refers to a grant node, and the driver behind the node is there in time,
 * late, or never. Goal: the end state of every kernel era, and the reason in words.
 */
class DeferredProbeStoryTest {

    private static final Board BOARD = Board.builder("xen-guest")
            .device("/virtio@2000000", "virtio,mmio").iommus("/xen_iommu", 2).and()
            .device("/xen_iommu", "xen,grant-dma").isIommu().and()
            .build();
    private static final int DISK = 0;
    private static final long MICROS = 1_000_000;

    private static final KernelModule VIRTIO = KernelModule.loadable("virtio_mmio",
            DriverDescription.named("virtio-mmio").withCompatible("virtio,mmio"));
    private static final DriverDescription GRANT = DriverDescription.named("xen-grant").withCompatible("xen,grant-dma");
    /** Linux' stub: registered, but without of_xlate. */
    private static final KernelModule STUB = KernelModule.loadable("xen-grant", GRANT.withoutTranslation());
    /** Our bundle: a first-class IOMMU. */
    private static final KernelModule FULL = KernelModule.loadable("xen-grant", GRANT.withIommu(Unattached.BYPASS));
    private static final int VIRTIO_MODULE = 0;
    private static final int GRANT_MODULE = 1;

    /** When the driver of the node comes. */
    enum Arrival { NEVER, LATE, BEFORE_THE_TIMER, IN_TIME }

    private static ProbeEngine engine(String policy, KernelModule grant) {
        return new ProbeEngine(BOARD, ModuleCatalogue.of(VIRTIO, grant), Policy.named(policy), Parameters.DEFAULTS);
    }

    private static State run(ProbeEngine engine, State state, Event event) {
        return engine.run(state, event, engine.model()).state();
    }

    /** Virtio's driver is there from the start; nothing else has happened yet. */
    private static State virtioLoaded(ProbeEngine engine, boolean grantFirst) {
        State state = run(engine, engine.initial(), new Event.Boot());
        if (grantFirst) {
            state = run(engine, state, new Event.Load(GRANT_MODULE));
        }
        state = run(engine, state, new Event.Load(VIRTIO_MODULE));
        return state;
    }

    private static State userSpace(ProbeEngine engine, State state) {
        return run(engine, run(engine, state, new Event.LateInit()), new Event.Init());
    }

    private static State story(ProbeEngine engine, Arrival arrival) {
        State state = userSpace(engine, virtioLoaded(engine, arrival == Arrival.IN_TIME));
        if (arrival == Arrival.BEFORE_THE_TIMER) {
            state = run(engine, run(engine, state, new Event.Advance(5 * MICROS)), new Event.Load(GRANT_MODULE));
        }
        state = run(engine, state, new Event.Advance(60 * MICROS));
        return arrival == Arrival.LATE ? run(engine, state, new Event.Load(GRANT_MODULE)) : state;
    }

    /** All texts of a reason tree, in one string. */
    private static String words(Reason reason) {
        List<String> texts = new ArrayList<>(List.of(reason.subject() + " " + reason.text()));
        reason.causes().forEach(cause -> texts.add(words(cause)));
        return String.join("; ", texts);
    }

    /**
     * The end states, by arrival. The last column says why without the driver; the era tables of the references are the judge.
     */
    private static final String ENDS = """
            initcall-order,    BOUND_DIRECT, BOUND_DIRECT, BOUND_DIRECT, BOUND_DIRECT, was not there when the device was created
            defer-builtin,     BOUND_DIRECT, BOUND_DIRECT, BOUND_DIRECT, BOUND_TRANSLATED, no driver was assumed to come
            defer-late-init,   BOUND_DIRECT, BOUND_DIRECT, BOUND_DIRECT, BOUND_TRANSLATED, no driver was assumed to come
            timeout-optional,  BOUND_DIRECT, BOUND_DIRECT, BOUND_DIRECT, BOUND_TRANSLATED, the wait for its IOMMU timed out
            defer-indefinite,  PENDING, BOUND_TRANSLATED, BOUND_TRANSLATED, BOUND_TRANSLATED, waits for its IOMMU
            timeout,           BOUND_DIRECT, BOUND_DIRECT, BOUND_TRANSLATED, BOUND_TRANSLATED, the wait for its IOMMU timed out
            timeout-multi,     BOUND_DIRECT, BOUND_DIRECT, BOUND_TRANSLATED, BOUND_TRANSLATED, the wait for its IOMMU timed out
            early-group,       BOUND_DIRECT, BOUND_DIRECT, BOUND_TRANSLATED, BOUND_TRANSLATED, the wait for its IOMMU timed out
            fw-devlink-strict, BOUND_DIRECT, BOUND_DIRECT, BOUND_TRANSLATED, BOUND_TRANSLATED, the wait for its IOMMU timed out
            xen,               BOUND_DIRECT, BOUND_DIRECT, BOUND_DIRECT, BOUND_TRANSLATED, no driver was assumed to come
            latebind,          PENDING, BOUND_TRANSLATED, BOUND_TRANSLATED, BOUND_TRANSLATED, waits for its IOMMU
            """;

    @ParameterizedTest(name = "{0}: never {1}, late {2}, before the timer {3}, in time {4}")
    @CsvSource(textBlock = ENDS)
    void ourBundleTranslatesWhomItReachesInTheEraOfThePolicy(String policy, Outcome never, Outcome late, Outcome beforeTimer,
            Outcome inTime, String why) {
        ProbeEngine engine = engine(policy, FULL);
        assertThat(story(engine, Arrival.NEVER).outcome(DISK)).isEqualTo(never);
        assertThat(story(engine, Arrival.LATE).outcome(DISK)).isEqualTo(late);
        assertThat(story(engine, Arrival.BEFORE_THE_TIMER).outcome(DISK)).isEqualTo(beforeTimer);
        assertThat(story(engine, Arrival.IN_TIME).outcome(DISK)).isEqualTo(inTime);
        assertThat(words(story(engine, Arrival.NEVER).explain(DISK))).contains(why)
                .contains("/xen_iommu").contains("its driver xen-grant drives xen,grant-dma");
    }

    /** Linux' stub translates nobody: what differs between the eras is only when the device binds and what the log says. */
    @ParameterizedTest(name = "{0}: never {1}, why {5}")
    @CsvSource(textBlock = ENDS)
    void theStubOfLinuxLeadsToTheSameStatesButNeverTranslates(String policy, Outcome never, Outcome late, Outcome beforeTimer,
            Outcome inTime, String why) {
        ProbeEngine engine = engine(policy, STUB);
        assertThat(story(engine, Arrival.NEVER).outcome(DISK)).isEqualTo(never);
        for (Arrival arrival : List.of(Arrival.LATE, Arrival.BEFORE_THE_TIMER, Arrival.IN_TIME)) {
            assertThat(story(engine, arrival).outcome(DISK)).as(arrival.name()).isEqualTo(Outcome.BOUND_DIRECT);
        }
        assertThat(words(story(engine, Arrival.NEVER).explain(DISK))).contains(why);
        if (inTime == Outcome.BOUND_TRANSLATED) {
            assertThat(words(story(engine, Arrival.IN_TIME).explain(DISK))).contains("the driver of its IOMMU translates nobody");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = ENDS)
    void b09796d5aClientWhoseDriverNeverComesEndsBoundOrIsReportedWithWhatWouldCureIt(String policy) {
        State state = story(engine(policy, FULL), Arrival.NEVER);
        if (state.outcome(DISK) == Outcome.PENDING) {
            assertThat(state.deferred(DISK)).as("in the list that is shown").isTrue();
            assertThat(words(state.explain(DISK))).contains("its driver xen-grant drives xen,grant-dma");
        } else {
            assertThat(state.outcome(DISK)).isEqualTo(Outcome.BOUND_DIRECT);
        }
    }

    @Test
    void everyPolicyIsInTheStory() {
        assertThat(ENDS.lines().map(line -> line.strip().split(",")[0]))
                .containsExactlyElementsOf(Policy.all().stream().map(Policy::name).toList());
    }

    @Test
    void scenario2withoutTheBundleTheVirtioDeviceIsInTheDeferredListWithItsSupplier() {
        ProbeEngine engine = engine("timeout", STUB);
        State state = virtioLoaded(engine, false);
        assertThat(state.outcome(DISK)).isEqualTo(Outcome.PENDING);
        assertThat(state.deferred(DISK)).isTrue();
        assertThat(words(state.explain(DISK))).contains("waits for its IOMMU; /xen_iommu");
    }

    @Test
    void scenario3afterTenSecondsItGoesOnWithoutAndWhatThenHappensDependsOnTheEra() {
        ProbeEngine engine = engine("timeout", STUB);
        State state = userSpace(engine, virtioLoaded(engine, false));
        state = run(engine, state, new Event.Advance(9 * MICROS));
        assertThat(state.outcome(DISK)).isEqualTo(Outcome.PENDING);
        state = run(engine, state, new Event.Advance(11 * MICROS));
        assertThat(state.outcome(DISK)).as("the profile without a grant layer ends here").isEqualTo(Outcome.BOUND_DIRECT);
        assertThat(words(state.explain(DISK))).contains("the wait for its IOMMU timed out");
        // The profile with one (5.19 and later) asks the tree, not the stub: grants, only late.
        GuestBoard board = new GuestBoard();
        BackendLookup.Answer backend = BackendLookup.platform(board.tree.byPath(GuestBoard.DISK),
                board.tree.byPath("/xen_iommu"));
        assertThat(VirtioCheck.check(backend, VirtioCheck.VERSION_1 | VirtioCheck.ACCESS_PLATFORM))
                .isEqualTo(new VirtioCheck.Grants(2));
    }

    @Test
    void scenario4theBundleComesInTimeAndTheDeviceIsProbedOnceMore() {
        ProbeEngine engine = engine("timeout", FULL);
        State state = userSpace(engine, virtioLoaded(engine, false));
        List<String> probes = new ArrayList<>();
        state = probing(engine, state, new Event.Load(GRANT_MODULE), probes);
        assertThat(probes).containsExactly("/xen_iommu", "/virtio@2000000");
        assertThat(state.outcome(DISK)).isEqualTo(Outcome.BOUND_TRANSLATED);
    }

    /** As {@link #run}, and notes whose probes reached a driver. */
    private static State probing(ProbeEngine engine, State state, Event event, List<String> probes) {
        Step step = engine.step(state, event);
        while (step.awaited() != null) {
            Event answer;
            if (step.awaited() instanceof Action.Probe probe) {
                probes.add(engine.board().device(probe.device()).path());
                answer = new Event.Probed(engine.model().probe(step.state(), probe.device(), probe.driver()));
            } else if (step.awaited() instanceof Action.Attach attach) {
                answer = new Event.Attached(engine.model().attach(step.state(), attach.device(), attach.iommu()));
            } else {
                answer = new Event.Done();
            }
            step = engine.step(step.state(), answer);
        }
        return step.state();
    }

    @Test
    void stoppingTheBundleUnbindsTheConsumerFirstAndStartingItAgainBindsItAgain() {
        ProbeEngine engine = engine("latebind", FULL);
        State state = story(engine, Arrival.IN_TIME);
        state = run(engine, state, new Event.Unload(GRANT_MODULE, true));
        assertThat(state.outcome(DISK)).isEqualTo(Outcome.PENDING);
        state = run(engine, state, new Event.Load(GRANT_MODULE));
        assertThat(state.outcome(DISK)).isEqualTo(Outcome.BOUND_TRANSLATED);
    }

    /** Scenario 22 as the engine sees it: functions of the host bridge of the dom0 board, by requester id. */
    @Test
    void scenario22functionsWaitForTheGrantNodeTheirRequesterIdIsMappedTo() {
        String host = "/pcie@10000000";
        Board board = BoardReader.read(DeviceTreeFile.read(GuestBoard.DOM0), new Population(List.of(function(host, 8),
                function(host, 16)), List.of(), false));
        KernelModule clients = KernelModule.loadable("clients",
                DriverDescription.named("virtio-pci").withBus("pci").withIds("pci:v00001AF4*"));
        KernelModule bridge = KernelModule.loadable("pci-host",
                DriverDescription.named("pci-host").withCompatible("pci-host-ecam-generic").withCreatesDevices("pci"));
        ProbeEngine engine = new ProbeEngine(board, ModuleCatalogue.of(clients, FULL, bridge), Policy.LATEBIND,
                Parameters.DEFAULTS);
        State state = engine.initial();
        for (Event event : List.of(new Event.Boot(), new Event.Load(0), new Event.Load(2), new Event.LateInit())) {
            state = run(engine, state, event);
        }
        assertThat(state.outcome(board.deviceIndex(host + "@8"))).isEqualTo(Outcome.PENDING);
        assertThat(state.outcome(board.deviceIndex(host + "@10"))).as("not in the map").isEqualTo(Outcome.BOUND_DIRECT);
        state = run(engine, state, new Event.Load(GRANT_MODULE));
        assertThat(state.outcome(board.deviceIndex(host + "@8"))).isEqualTo(Outcome.BOUND_TRANSLATED);
    }

    private static Population.PciFunction function(String host, int rid) {
        return new Population.PciFunction(host, rid, List.of(), String.format("0000:00:%02x.%d", rid >> 3, rid & 7),
                "pci:v00001AF4d00001042", null, null, List.of());
    }

    /** Scenario 31: Xen's own walk over two caches and the root of an IPMMU. */
    private static ProbeEngine xenBoot(boolean withRoot) {
        BoardBuilder board = Board.builder("ipmmu")
                .device("/cacheA", "acme,ipmmu").asks("renesas,ipmmu-main", "/root").isIommu().and()
                .device("/cacheB", "acme,ipmmu").asks("renesas,ipmmu-main", "/root").isIommu().and();
        board = withRoot ? board.device("/root", "acme,ipmmu").isIommu().and() : board.node("/root", "acme,other").and();
        DriverDescription ipmmu = DriverDescription.named("ipmmu").withCompatible("acme,ipmmu").withIommu(Unattached.BYPASS)
                .withSuppliersAsked("renesas,ipmmu-main");
        return new ProbeEngine(board.build(), ModuleCatalogue.of(KernelModule.builtin("ipmmu", 0, ipmmu)), Policy.XEN,
                Parameters.DEFAULTS);
    }

    @Test
    void scenario31xenBindsTheRootThenTheCachesAgainstTheOrderOfTheTree() {
        ProbeEngine engine = xenBoot(true);
        List<String> probes = new ArrayList<>();
        State state = probing(engine, engine.initial(), new Event.Boot(), probes);
        state = probing(engine, state, new Event.LateInit(), probes);
        assertThat(probes).containsExactly("/cacheA", "/cacheB", "/root", "/cacheB", "/cacheA");
        assertThat(state.panicked()).isFalse();
    }

    @Test
    void scenario31withoutTheRootXenPanics() {
        ProbeEngine engine = xenBoot(false);
        State state = run(engine, engine.initial(), new Event.Boot());
        state = run(engine, state, new Event.LateInit());
        assertThat(state.panicked()).isTrue();
    }
}
