package org.latebind.probe;

import java.util.Arrays;

/** Walks over the states of a {@link Slice}: opens a packed state, runs events on it, packs what comes out. For one thread. */
public final class Walker {

    private final Slice slice;
    private final Tables t;
    private final Packing packing;
    private final Work base;
    private final Work w;
    private final int[] counters = new int[Packing.COUNTERS];
    private final int[] counted = new int[Packing.COUNTERS];
    private final long[] ever;
    private final long[] everAfter;

    Walker(Slice slice) {
        this.slice = slice;
        this.t = slice.t;
        this.packing = slice.packing;
        this.base = new Work(t);
        this.w = new Work(t);
        w.model = slice.model;
        this.ever = new long[(packing.loadable.length + 63) / 64];
        this.everAfter = new long[ever.length];
    }

    /** Opens the packed state that starts at {@code at}. */
    public void open(long[] packed, int at) {
        packing.unpack(packed, at, base, counters, ever);
    }

    /**
     * Runs an event on the opened state; the opened state stays.
     *
     * @return whether the event was accepted; a refused one leads nowhere
     */
    public boolean run(int event) {
        System.arraycopy(base.c, 0, w.c, 0, w.c.length);
        if (base.asyncCount > 0) {
            w.async = Arrays.copyOf(base.async, base.async.length);
        }
        w.asyncCount = base.asyncCount;
        w.rare = base.rare;
        w.sp = 0;
        w.refusal = null;
        w.texts = java.util.List.of();
        if (event == Slice.ROTATE) {
            return rotate();
        }
        Event e = slice.events[event];
        w.turns = Math.max(0, event - slice.lateInitTurned(0));
        EventEntry.accept(w, e);
        ProbeEngine.finish(w, slice.model);
        System.arraycopy(counters, 0, counted, 0, counters.length);
        System.arraycopy(ever, 0, everAfter, 0, ever.length);
        if (e instanceof Event.Load load) {
            int place = Arrays.binarySearch(packing.loadable, load.module());
            everAfter[place >> 6] |= 1L << place;
        } else if (e instanceof Event.Unload) {
            counted[0]++;
        } else if (e instanceof Event.InjectFailure) {
            counted[1]++;
        } else if (e instanceof Event.Unbind) {
            counted[2]++;
        } else if (e instanceof Event.Bind) {
            counted[2]++;
            // A bind by hand that fails has still probed.
            return true;
        }
        return w.refusal == null;
    }

    private boolean rotate() {
        if (!w.turn()) {
            return false;
        }
        System.arraycopy(counters, 0, counted, 0, counters.length);
        System.arraycopy(ever, 0, everAfter, 0, ever.length);
        return true;
    }

    /** Packs the state the last event led to. */
    public void pack(long[] out, int at) {
        packing.pack(w.c, w.rare, w.async, w.asyncCount, counted, everAfter, out, at);
    }

    // ---- the opened state

    /** Whether module {@code m} is loaded in the opened state. */
    public boolean loaded(int m) {
        return base.loaded(m);
    }

    /** Whether module {@code m} has been loaded at least once. */
    public boolean everLoaded(int m) {
        int place = Arrays.binarySearch(packing.loadable, m);
        return place < 0 || (ever[place >> 6] >>> place & 1) != 0;
    }

    /** Whether late-init is over in the opened state. */
    public boolean lateInit() {
        return base.global(Layout.F_LATE_INIT);
    }

    /** Whether user space runs in the opened state. */
    public boolean running() {
        return base.global(Layout.F_RUNNING);
    }

    /** Whether the timer is armed in the opened state. */
    public boolean armed() {
        return base.timerDueMicros() >= 0;
    }

    /** Unloads (0), failures (1) and binds by hand (2) so far in the opened state. */
    public int count(int which) {
        return counters[which];
    }

    /** Whether asynchronous probes wait for their turn in the opened state. */
    public boolean asyncWaits() {
        return base.asyncCount > 0;
    }

    /** Whether the asynchronous probe of device {@code d} waits for its turn in the opened state. */
    public boolean asyncWaits(int d) {
        for (int i = 0; i < base.asyncCount; i += 2) {
            if (base.async[i] == d) {
                return true;
            }
        }
        return false;
    }

    /** Number of drivers that match device {@code d}. */
    public int driversOf(int d) {
        return t.driversOfDevice[d].length;
    }

    /** Whether device {@code d} is bound for good and nothing happens to it. */
    public boolean fixed(int d) {
        return Arrays.binarySearch(packing.moving, d) < 0;
    }

    /** Whether a failure may still be injected into probes of device {@code d}. */
    public boolean injectable(int d) {
        return base.injected(d) == 0;
    }

    /** How often the deferred list can be turned before it is what it was. */
    public int turns() {
        int count = 0;
        for (int d : packing.moving) {
            count += base.listed(d) || t.driversOfDevice[d].length > 0 ? 1 : 0;
        }
        return Math.max(0, count - 1);
    }

    /** What has become of device {@code d} in the opened state. */
    public Outcome outcome(int d) {
        return base.outcome(d);
    }

    /** What the last event has made of device {@code d}. */
    public Outcome outcomeAfter(int d) {
        return w.outcome(d);
    }

    /** Whether device {@code d} is there in the opened state. */
    public boolean present(int d) {
        return base.present(d);
    }
}
