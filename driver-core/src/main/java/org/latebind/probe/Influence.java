package org.latebind.probe;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.latebind.driver.Errno;

/**
 * Who can have a say in what becomes of a device: its suppliers, its IOMMUs, its creator, and whom the policy couples with
 * those. A search over load orders needs to look at one such cone only. Read off the engine's own tables; immutable, for any
 * number of threads.
 *
 * <p>Two things reach into a cone from everywhere: a bind of any device makes everything deferred probe again, and may turn the
 * order of the deferred list. {@link #listOrderMatters} and the search itself ({@link Slice#TRIGGER}) tell where that can
 * matter.
 */
public final class Influence {

    private final Tables t;
    private final State booted;
    private final boolean unloads;
    private final boolean binds;
    private final Set<String> related;
    private final BitSet permanent = new BitSet();
    private final BitSet driverless = new BitSet();
    private final int[][] of;
    private final int[][] providers;
    private final int[] iommuDevices;
    private final boolean manyDrivers;
    private final boolean legacyModes;
    private final Waiting waits;
    private final UnloadCouplings couplings;

    /**
     * Looks at a booted machine.
     *
     * @param engine   engine; not null
     * @param booted   its state after {@link Event.Boot}; not null
     * @param unloads  whether modules may be unloaded
     * @param binds    whether devices may be bound and unbound by hand
     * @param related  modules that any ordering constraint names; not null
     */
    public Influence(ProbeEngine engine, State booted, boolean unloads, boolean binds, Set<String> related) {
        this.t = booted.t;
        if (engine.initial().t != t) {
            throw new IllegalArgumentException("the state belongs to another engine");
        }
        this.booted = Objects.requireNonNull(booted, "booted");
        this.unloads = unloads;
        this.binds = binds;
        this.related = Set.copyOf(related);
        for (int d = 0; d < t.deviceCount; d++) {
            driverless.set(d, t.driversOfDevice[d].length == 0);
        }
        providers = new int[t.iommuCount][0];
        for (int d = 0; d < t.deviceCount; d++) {
            int p = t.board.iommuOfDevice[d];
            if (p >= 0) {
                providers[p] = with(providers[p], d);
            }
        }
        for (int p = 0; p < t.iommuCount; p++) {
            if (t.board.iommuDevice[p] >= 0) {
                providers[p] = with(providers[p], t.board.iommuDevice[p]);
            }
        }
        iommuDevices = iommuDevices();
        manyDrivers = t.couplings.oneIommuDriver() && Arrays.stream(iommuDevices).flatMap(this::iommuDriversOf).distinct()
            .count() > 1;
        legacyModes = t.couplings.legacyMode() && Arrays.stream(t.legacyOfIommu).anyMatch(l -> l.length > 0);
        waits = new Waiting(t);
        couplings = new UnloadCouplings(this, booted, this.related);
        findPermanent();
        of = new int[t.deviceCount][];
        for (int d = 0; d < of.length; d++) {
            of[d] = influences(d);
        }
    }

    private static int[] with(int[] list, int x) {
        if (Arrays.stream(list).anyMatch(y -> y == x)) {
            return list;
        }
        int[] more = Arrays.copyOf(list, list.length + 1);
        more[list.length] = x;
        return more;
    }

    private java.util.stream.IntStream iommuDriversOf(int device) {
        return Arrays.stream(t.driversOfDevice[device]).filter(r -> t.catalogue.driver(r).iommu());
    }

    /** Devices whose probe may register an IOMMU. */
    private int[] iommuDevices() {
        return java.util.stream.IntStream.range(0, t.deviceCount)
            .filter(d -> iommuDriversOf(d).findAny().isPresent()
                && (t.board.iommuOfDevice[d] >= 0 || t.policy.boot == Policy.BootRule.FIXPOINT))
            .toArray();
    }

    boolean loadable(int driver) {
        return !t.catalogue.module(t.moduleOfDriver[driver]).builtin();
    }

    /** Devices that were bound at boot and that nothing can take down. */
    private void findPermanent() {
        if (binds) {
            return;
        }
        for (int d = 0; d < t.deviceCount; d++) {
            // Old kernels and the legacy binding attach clients that are bound already.
            boolean attachedLate = t.board.devices[d].legacyIommu() >= 0
                || t.policy.lookup == Policy.Lookup.AT_CREATION && t.iommusOf[d].length > 0;
            permanent.set(d, booted.held(d) && !loadable(booted.c[booted.at.driver + d]) && !attachedLate);
        }
        if (!unloads) {
            return;
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int d = permanent.nextSetBit(0); d >= 0; d = permanent.nextSetBit(d + 1)) {
                if (!stays(d)) {
                    permanent.clear(d);
                    changed = true;
                }
            }
        }
    }

    private boolean stays(int d) {
        int creator = t.board.devices[d].creator();
        if (creator >= 0 && !permanent.get(creator)) {
            return false;
        }
        for (int link : t.links.ofConsumer[d]) {
            int supplier = t.links.supplier[link] >= 0 ? t.links.supplier[link] : t.links.adopter[link];
            if (supplier >= 0 && !permanent.get(supplier) && !driverless.get(supplier)) {
                return false;
            }
        }
        for (int provider : providersOf(d)) {
            if (!permanent.get(provider) && !driverless.get(provider)) {
                return false;
            }
        }
        return true;
    }

    /** Devices that can be an IOMMU of this device. */
    private int[] providersOf(int d) {
        int[] found = new int[0];
        for (int p : t.iommusOf[d]) {
            if (p >= 0) {
                for (int provider : providers[p]) {
                    found = with(found, provider);
                }
            }
        }
        int legacy = t.board.devices[d].legacyIommu();
        if (legacy >= 0) {
            for (int provider : providers[legacy]) {
                found = with(found, provider);
            }
        }
        return found;
    }

    private int nearestDevice(int node) {
        for (int n = node; n >= 0; n = t.board.nodeParent[n]) {
            if (t.board.nodeDevice[n] >= 0) {
                return t.board.nodeDevice[n];
            }
        }
        return -1;
    }

    private int[] influences(int d) {
        BitSet found = new BitSet();
        BoardDevice device = t.board.devices[d];
        for (int link : t.links.ofConsumer[d]) {
            add(found, t.links.supplier[link]);
            add(found, t.links.adopter[link]);
        }
        if (device.powerDomain() >= 0 && !t.board.nodeEarly[device.powerDomain()]) {
            add(found, nearestDevice(device.powerDomain()));
        }
        for (int node : asked(d)) {
            add(found, nearestDevice(node));
        }
        for (int group : t.pins[d]) {
            add(found, Pins.controller(t.board, group));
        }
        for (int provider : providersOf(d)) {
            found.set(provider);
        }
        add(found, device.creator());
        Arrays.stream(Reprobing.influences(t, d)).forEach(found::set);
        if (t.streams.mayBeRefused(d)) {
            Arrays.stream(t.streams.members(d)).forEach(found::set);
        }
        boolean iommu = Arrays.stream(iommuDevices).anyMatch(i -> i == d);
        if (iommu && (manyDrivers || legacyModes) || t.policy.boot == Policy.BootRule.FIXPOINT
                || legacyModes && device.legacyIommu() >= 0) {
            Arrays.stream(iommuDevices).forEach(found::set);
        }
        if (iommu && legacyModes && t.board.iommuOfDevice[d] >= 0) {
            Arrays.stream(t.legacyOfIommu[t.board.iommuOfDevice[d]]).limit(1).forEach(found::set);
        }
        if (t.board.iommuOfDevice[d] >= 0 && t.policy.lookup != Policy.Lookup.AT_PROBE) {
            int iommuOf = t.board.iommuOfDevice[d];
            for (int client : walksOverOthers() ? t.walkOfIommu[iommuOf] : t.clientsOfIommu[iommuOf]) {
                if (mayBeRefusedWithError(client)) {
                    found.set(client);
                }
            }
        }
        if (walksOverOthers() && providersOf(d).length > 0) {
            Arrays.stream(iommuDevices).forEach(found::set);
        }
        found.clear(d);
        return found.stream().toArray();
    }

    /** Whether a registration may find a client of another IOMMU that is up: one that was bound then and has lost its driver. */
    private boolean walksOverOthers() {
        return t.policy.lookup == Policy.Lookup.AT_REGISTRATION && (unloads || binds || t.reprobing);
    }

    private static void add(BitSet found, int device) {
        if (device >= 0) {
            found.set(device);
        }
    }

    int[] asked(int d) {
        return t.board.devices[d].askable().stream().filter(a -> a.node() >= 0 && Arrays.stream(t.driversOfDevice[d])
            .anyMatch(r -> t.catalogue.driver(r).suppliersAsked().contains(a.property()))).mapToInt(BoardDevice.Asked::node)
            .toArray();
    }

    private boolean mayBeRefusedWithError(int client) {
        if (t.streams.mayBeRefused(client)) {
            return true;
        }
        for (int provider : providersOf(client)) {
            for (int r : t.driversOfDevice[provider]) {
                int most = t.catalogue.driver(r).streamIdMax();
                for (IommuEntry entry : t.board.devices[client].iommus()) {
                    if (entry.ids().length > 0 && Integer.compareUnsigned(entry.ids()[0], most) > 0
                            && most != Integer.MAX_VALUE) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** The drivers whose tables match the device, ascending. */
    public int[] driversOf(int device) {
        return t.driversOfDevice[device].clone();
    }

    /**
     * Devices because of whose streams this one can be refused by an SMMUv1/v2: they and it meet in stream-map entries. Ascending,
     * without the device; empty where nothing depends on who comes first.
     */
    public int[] streamNeighbours(int device) {
        return t.streams.mayBeRefused(device)
            ? Arrays.stream(t.streams.members(device)).filter(d -> d != device).toArray() : new int[0];
    }

    /** Whether the device was bound at boot for good. */
    public boolean permanent(int device) {
        return permanent.get(device);
    }

    /** Whether no driver of the catalogue drives the device. */
    public boolean driverless(int device) {
        return driverless.get(device);
    }

    /** Whether no event can change what has become of the device since boot. */
    public boolean constant(int device) {
        if (!fixed(device)) {
            return false;
        }
        if (driverless.get(device) && t.policy.lookup == Policy.Lookup.AT_PROBE && t.board.devices[device].legacyIommu() < 0) {
            return true;
        }
        int creator = t.board.devices[device].creator();
        if (driverless.get(device) && creator >= 0 && !permanent.get(creator) && !driverless.get(creator)) {
            return t.iommusOf[device].length == 0;
        }
        return Arrays.stream(providersOf(device)).allMatch(this::fixed);
    }

    private boolean fixed(int device) {
        return permanent.get(device) || driverless.get(device);
    }

    /** The devices that can have a say in what becomes of this one, itself among them, ascending. */
    public int[] cone(int device) {
        return closure(new int[] {device});
    }

    /** The union of the cones of these devices, ascending. */
    public int[] closure(int[] devices) {
        BitSet in = new BitSet();
        ArrayDeque<Integer> todo = new ArrayDeque<>();
        for (int d : devices) {
            in.set(d);
            todo.add(d);
        }
        do {
            while (!todo.isEmpty()) {
                int d = todo.remove();
                boolean target = Arrays.stream(devices).anyMatch(x -> x == d);
                for (int x : fixed(d) && !target && !mayBeRefusedWithError(d) ? new int[0] : of[d]) {
                    push(in, todo, x);
                }
            }
            if (unloads) {
                couplings.add(in, d -> push(in, todo, d));
            }
        } while (!todo.isEmpty());
        return in.stream().toArray();
    }

    private static void push(BitSet in, ArrayDeque<Integer> todo, int device) {
        if (!in.get(device)) {
            in.set(device);
            todo.add(device);
        }
    }

    /**
     * Whether the order in which devices of this set stand in the deferred list can decide anything. It cannot when nobody of
     * them decides for good that a device is absent which may itself stand in the list: between two triggers, everybody in the
     * list is tried until nothing moves any more, and what is ready only ever becomes more.
     */
    public boolean listOrderMatters(int[] devices) {
        boolean waitsAlways = t.policy.mixedEntryWaits && t.policy.lookup != Policy.Lookup.AT_CREATION && waits.forIommus();
        boolean iommuMayWait = Arrays.stream(devices).anyMatch(d -> isIommuDevice(d) && mayStandInList(d));
        if (iommuMayWait && (manyDrivers || legacyModes) && t.policy.boot == Policy.BootRule.LINUX) {
            return true;
        }
        for (int d : devices) {
            if (fixed(d) && (!driverless.get(d) || t.policy.lookup == Policy.Lookup.AT_PROBE)) {
                continue;
            }
            if (!waitsAlways && Arrays.stream(providersOf(d)).anyMatch(this::mayStandInList) || hasOrderedSuppliers(d)) {
                return true;
            }
            if (iommuMayWait && mayBeRefusedWithError(d) || t.streams.mayBeRefused(d) || Reprobing.possible(t, d)) {
                return true;
            }
        }
        return false;
    }

    private boolean hasOrderedSuppliers(int d) {
        int domain = t.board.devices[d].powerDomain();
        if (domain >= 0 && !t.board.nodeEarly[domain] && nearestDevice(domain) >= 0 && mayStandInList(nearestDevice(domain))
                && !waits.forDomains()) {
            return true;
        }
        if (!waits.forPins() && Arrays.stream(t.pins[d]).map(group -> Pins.controller(t.board, group))
                .anyMatch(c -> c >= 0 && mayStandInList(c))) {
            return true;
        }
        boolean errors = Arrays.stream(t.driversOfDevice[d]).anyMatch(r -> t.catalogue.driver(r).deferBecomesError());
        boolean several = t.driversOfDevice[d].length > 1;
        if (!errors && !several) {
            return false;
        }
        return domain >= 0 || Arrays.stream(asked(d)).map(this::nearestDevice).anyMatch(s -> s >= 0 && mayStandInList(s));
    }

    private boolean isIommuDevice(int d) {
        return Arrays.stream(iommuDevices).anyMatch(i -> i == d);
    }

    /** Whether the device may wait in the list and bind from there. */
    public boolean mayStandInList(int d) {
        BoardDevice device = t.board.devices[d];
        boolean names = t.links.ofConsumer[d].length > 0 || device.powerDomain() >= 0 || asked(d).length > 0
            || t.pins[d].length > 0 || t.iommusOf[d].length > 0 || device.legacyIommu() >= 0;
        return !fixed(d) && (names || device.creator() >= 0);
    }

    /** Whether the start of user space ({@link Event.Init}) decides anything under this policy. */
    public boolean userSpaceMatters() {
        return waits.userSpaceMatters();
    }

    /** Modules that may be loaded and drive one of these devices, unless that is bound for good; ascending. */
    public int[] modules(int[] devices) {
        BitSet modules = new BitSet();
        for (int d : devices) {
            if (!permanent.get(d)) {
                for (int r : t.driversOfDevice[d]) {
                    modules.set(t.moduleOfDriver[r]);
                }
            }
        }
        if (unloads && modules.stream().anyMatch(m -> related.contains(t.catalogue.module(m).name()))) {
            related.forEach(name -> modules.set(Math.max(0, t.catalogue.moduleIndex(name))));
        }
        return modules.stream().filter(m -> !t.catalogue.module(m).builtin()).toArray();
    }

    /** The error an injected failure ends in. */
    static int injected() {
        return Errno.EIO.number();
    }

    /** Whether several IOMMU drivers, or the legacy binding, tie the IOMMUs of the board together. */
    boolean tied() {
        return manyDrivers || legacyModes;
    }

    /** What the policy can answer about absent suppliers. */
    Waiting waiting() {
        return waits;
    }

    Tables tables() {
        return t;
    }

    State booted() {
        return booted;
    }

    Set<Integer> links(BitSet in) {
        Set<Integer> kept = new HashSet<>();
        in.stream().filter(d -> !fixed(d)).forEach(d -> {
            for (int link : t.links.ofConsumer[d]) {
                kept.add(link);
            }
        });
        return kept;
    }
}
