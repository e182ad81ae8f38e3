package org.latebind.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Part of a booted machine, ready for a search: a few devices, the modules that drive them, and nothing else. States are packed
 * into a few longs; two states that differ only in what can decide nothing (names, numbers of groups, times, texts, and the
 * order of the deferred list where {@link Influence#listOrderMatters} says so) have the same packing. A slice of all devices is
 * the machine itself. Immutable; each thread has its own {@link Walker}.
 *
 * <p>Events are numbers: the constants below, and {@link #load}, {@link #unload}, {@link #fail}, {@link #unbind},
 * {@link #bind}, {@link #runAsync}.
 */
public final class Slice {

    /** Late-init. */
    public static final int LATE_INIT = 0;
    /** User space starts. */
    public static final int INIT = 1;
    /** The timer fires. */
    public static final int EXPIRE = 2;
    /** Something outside the slice binds: everything deferred is tried again. */
    public static final int TRIGGER = 3;
    /** Something outside the slice binds in the middle of such a round: the first of the deferred list becomes its last. */
    public static final int ROTATE = 4;
    private static final int FIRST = 5;

    final Tables t;
    final Packing packing;
    final CatalogueModel model;
    final Event[] events;
    private final int[] devices;
    private final int[] modules;
    private final int[] drivers;
    private final int[] iommus;
    private final int[] failBase;
    private final long[] initial;

    /**
     * What a search may do.
     *
     * @param unloads  unloads altogether, 0 to 7
     * @param failures injected failures altogether, 0 to 7
     * @param binds    binds and unbinds by hand altogether, 0 to 7
     * @param ordered  whether the order of the deferred list is part of the state
     */
    public record Options(int unloads, int failures, int binds, boolean ordered) { }

    /**
     * Cuts a slice.
     *
     * @param influence looked at the same machine; not null
     * @param members   devices, ascending, closed under influence ({@link Influence#closure}); not null
     * @param options   what the search may do; not null
     */
    public Slice(Influence influence, int[] members, Options options) {
        Tables whole = influence.tables();
        State booted = influence.booted();
        devices = members.clone();
        BitSet in = new BitSet();
        Arrays.stream(members).forEach(in::set);
        BitSet named = new BitSet();
        BitSet moduleSet = new BitSet();
        Arrays.stream(influence.modules(members)).forEach(moduleSet::set);
        BitSet driverSet = new BitSet();
        for (int d : members) {
            Arrays.stream(whole.iommusOf[d]).filter(p -> p >= 0).forEach(named::set);
            for (int p : new int[] {whole.board.iommuOfDevice[d], whole.board.devices[d].legacyIommu()}) {
                if (p >= 0) {
                    named.set(p);
                }
            }
            if (influence.permanent(d)) {
                driverSet.set(booted.c[booted.at.driver + d]);
            } else {
                Arrays.stream(whole.driversOfDevice[d]).forEach(driverSet::set);
            }
        }
        iommus = named.stream().toArray();
        for (int p : iommus) {
            if (booted.c[booted.at.iommuDriver + p] > 0) {
                driverSet.set(booted.c[booted.at.iommuDriver + p] - 1);
            }
        }
        drivers = driverSet.stream().toArray();
        Arrays.stream(drivers).forEach(r -> moduleSet.set(whole.moduleOfDriver[r]));
        modules = moduleSet.stream().toArray();
        BitSet links = new BitSet();
        influence.links(in).forEach(links::set);
        t = new Tables(whole, devices, iommus, modules, drivers, links.stream().toArray());
        model = new CatalogueModel(t);
        failBase = new int[devices.length + 1];
        for (int d = 0; d < devices.length; d++) {
            failBase[d + 1] = failBase[d] + t.driversOfDevice[d].length;
        }
        boolean[] fixed = new boolean[devices.length];
        for (int d = 0; d < fixed.length; d++) {
            fixed[d] = influence.permanent(devices[d]);
        }
        int[] cells = new Projection(booted, t, devices, iommus, modules, drivers, links.stream().toArray()).cells();
        packing = new Packing(t, cells, fixed, options);
        initial = new long[packing.words()];
        int[] async = projectedAsync(booted);
        packing.pack(cells, State.NOTHING_RARE, async, async.length, new int[Packing.COUNTERS], packing.everLoaded(cells),
            initial, 0);
        events = events();
    }

    private int[] projectedAsync(State booted) {
        int[] device = Board.inverse(devices, booted.t.deviceCount);
        int[] driver = Board.inverse(drivers, booted.t.driverCount);
        List<Integer> queue = new ArrayList<>();
        for (int i = 0; i < booted.async.length; i += 2) {
            if (device[booted.async[i]] >= 0) {
                queue.add(device[booted.async[i]]);
                queue.add(booted.async[i + 1] < 0 ? -1 : driver[booted.async[i + 1]]);
            }
        }
        return queue.stream().mapToInt(Integer::intValue).toArray();
    }

    private Event[] events() {
        Event[] all = new Event[lateInitTurned(t.deviceCount) + 1];
        all[LATE_INIT] = new Event.LateInit();
        all[INIT] = new Event.Init();
        all[EXPIRE] = new Event.Expire();
        all[TRIGGER] = new Event.Resume();
        for (int turns = 0; turns <= t.deviceCount; turns++) {
            all[lateInitTurned(turns)] = all[LATE_INIT];
        }
        for (int m = 0; m < t.moduleCount; m++) {
            all[load(m)] = new Event.Load(m);
            all[unload(m)] = new Event.Unload(m, false);
        }
        for (int d = 0; d < t.deviceCount; d++) {
            for (int i = 0; i < t.driversOfDevice[d].length; i++) {
                all[fail(d, i)] = new Event.InjectFailure(t.driversOfDevice[d][i], d, Influence.injected());
            }
            all[unbind(d)] = new Event.Unbind(d);
            all[bind(d)] = new Event.Bind(d, -1);
            all[runAsync(d)] = new Event.RunAsync(d);
        }
        return all;
    }

    // ---- events

    /** Load of module {@code m} of the slice. */
    public int load(int m) {
        return FIRST + m;
    }

    /** Unload of module {@code m} of the slice. */
    public int unload(int m) {
        return FIRST + t.moduleCount + m;
    }

    /** From now on the probe of device {@code d} of the slice by the {@code i}-th driver that matches it fails. */
    public int fail(int d, int i) {
        return FIRST + 2 * t.moduleCount + failBase[d] + i;
    }

    private int unbindBase() {
        return FIRST + 2 * t.moduleCount + failBase[t.deviceCount];
    }

    /** Unbind of device {@code d} of the slice by hand. */
    public int unbind(int d) {
        return unbindBase() + d;
    }

    /** Bind of device {@code d} of the slice by hand. */
    public int bind(int d) {
        return unbindBase() + t.deviceCount + d;
    }

    /** Late-init where outside devices that bind in its first pass turn the deferred list {@code turns} times. */
    public int lateInitTurned(int turns) {
        return asyncBase() + t.deviceCount + turns;
    }

    private int asyncBase() {
        return unbindBase() + 2 * t.deviceCount;
    }

    /** The asynchronous probe of device {@code d} of the slice runs next. */
    public int runAsync(int d) {
        return asyncBase() + d;
    }

    /** Whether the event stands for something that happens outside the slice. */
    public boolean outside(int number) {
        return number == TRIGGER || number == ROTATE || number >= lateInitTurned(0);
    }

    /** Returns the event of this number in the numbers of the whole machine, or null for those outside it. */
    public Event event(int number) {
        if (outside(number)) {
            return null;
        }
        Event event = events[number];
        if (event instanceof Event.Load e) {
            return new Event.Load(modules[e.module()]);
        } else if (event instanceof Event.Unload e) {
            return new Event.Unload(modules[e.module()], false);
        } else if (event instanceof Event.InjectFailure e) {
            return new Event.InjectFailure(drivers[e.driver()], devices[e.device()], e.errno());
        } else if (event instanceof Event.Unbind e) {
            return new Event.Unbind(devices[e.device()]);
        } else if (event instanceof Event.Bind e) {
            return new Event.Bind(devices[e.device()], -1);
        } else if (event instanceof Event.RunAsync e) {
            return new Event.RunAsync(devices[e.device()]);
        }
        return event;
    }

    /** The event in words, for people. */
    public String describe(int number) {
        if (number == TRIGGER) {
            return "a bind outside";
        } else if (number == ROTATE) {
            return "a bind outside that turns the deferred list";
        } else if (number >= lateInitTurned(0)) {
            return "late-init with " + (number - lateInitTurned(0)) + " turns of the deferred list";
        }
        Event event = events[number];
        if (event instanceof Event.Load e) {
            return "load " + t.catalogue.module(e.module()).name();
        } else if (event instanceof Event.Unload e) {
            return "unload " + t.catalogue.module(e.module()).name();
        } else if (event instanceof Event.InjectFailure e) {
            return "a failure of " + t.board.devices[e.device()].path();
        } else if (event instanceof Event.Unbind e) {
            return "unbind " + t.board.devices[e.device()].path();
        } else if (event instanceof Event.Bind e) {
            return "bind " + t.board.devices[e.device()].path();
        } else if (event instanceof Event.RunAsync e) {
            return "the asynchronous probe of " + t.board.devices[e.device()].path();
        }
        return number == LATE_INIT ? "late-init" : number == INIT ? "the start of user space" : "expire";
    }

    // ---- what is in it

    /** Numbers of the devices on the board, ascending. */
    public int[] devices() {
        return devices.clone();
    }

    /** Numbers of the modules in the catalogue, ascending; built-in ones among them. */
    public int[] modules() {
        return modules.clone();
    }

    /** Whether module {@code m} of the slice is built in. */
    public boolean builtin(int m) {
        return t.catalogue.module(m).builtin();
    }

    /** Longs of a packed state. */
    public int words() {
        return packing.words();
    }

    /** The packed first state. */
    public long[] initial() {
        return initial.clone();
    }

    /** A walker for one thread. */
    public Walker walker() {
        return new Walker(this);
    }

    /**
     * Everything about the slice that can decide anything, without names: slices with equal texts behave the same, device by
     * device and module by module in the order of their numbers.
     */
    public String shape() {
        return Shape.of(t, packing, initial);
    }
}
