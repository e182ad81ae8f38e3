package org.latebind.probe;

import java.util.Arrays;
import java.util.List;

/**
 * Everything the engine knows at one moment. Immutable; equal when everything is equal. The copy an event makes is one array.
 */
public final class State extends Cells {

    static final int[] NO_FRAMES = {};
    static final int[] NOTHING_RARE = {};

    final int[] frames;
    final int[] async;

    State(Tables t, int[] cells, int[] frames, int[] async, List<String> texts, int[] rare) {
        super(t, cells, texts, rare);
        this.frames = frames;
        this.async = async;
    }

    /** Returns the action whose answer is awaited, or null. */
    public Action awaited() {
        int device = c[Layout.AWAIT_DEVICE];
        int other = c[Layout.AWAIT_OTHER];
        return switch (c[Layout.AWAIT]) {
            case Work.AWAIT_PROBE -> new Action.Probe(device, other);
            case Work.AWAIT_ATTACH -> new Action.Attach(device, other);
            case Work.AWAIT_RELEASE -> new Action.Release(device, other);
            case Work.AWAIT_REMOVE -> new Action.Remove(device, other);
            default -> null;
        };
    }

    /**
     * Devices whose asynchronous probe is in flight, in the order in which they were scheduled ({@code async_order=choice}).
     */
    public int[] asyncInFlight() {
        int[] devices = new int[async.length / 2];
        for (int i = 0; i < devices.length; i++) {
            devices[i] = async[2 * i];
        }
        return devices;
    }

    /** Size of the state's own data in bytes. */
    public int sizeBytes() {
        return 4 * (c.length + frames.length + async.length + rare.length);
    }

    /**
     * Returns the canonical encoding: equal for two states exactly when no later decision can tell them apart by what the
     * engine
     * keeps. Compact, a few bytes a device; {@link ProbeEngine#decode} makes a state of it again.
     *
     * @throws IllegalStateException while an answer is awaited
     */
    public byte[] key() {
        return StateKey.encode(this);
    }

    /** Whether the device is bound past an IOMMU, by no choice of the IOMMU's driver or of the tree. */
    public boolean passedBy(int device) {
        if (outcome(device) != Outcome.BOUND_DIRECT && outcome(device) != Outcome.BOUND_BLOCKED) {
            return false;
        }
        return switch (Cause.kind(c[at.cause + device])) {
            case IOMMU_TIMED_OUT, IOMMU_ASSUMED_NONE, IOMMU_LEFT, AT_CREATION, MIXED, DIFFERENT_DRIVERS, SECOND_DRIVER, LEGACY,
                LEGACY_MISMATCH, IOMMU_ERROR -> true;
            default -> false;
        };
    }

    /** Whether the probe of the device, which is pending, started itself again and again until it was stopped. */
    public boolean reprobes(int device) {
        return listed(device) && Cause.kind(c[at.cause + device]) == Cause.REPROBE_LOOP;
    }

    /** Explains the device's outcome. */
    public Reason explain(int device) {
        return Explanation.of(this, device, null);
    }

    /**
     * Explains the device's outcome; where no module of the catalogue would drive a device, modules that are only installed
     * are named.
     */
    public Reason explain(int device, InstalledModules installed) {
        return Explanation.of(this, device, installed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof State s && s.t == t && Arrays.equals(c, s.c) && Arrays.equals(frames, s.frames)
            && Arrays.equals(async, s.async) && Arrays.equals(rare, s.rare) && texts.equals(s.texts);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(c) + Arrays.hashCode(frames)) + Arrays.hashCode(async);
    }
}
