package org.latebind.probe;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Drivers that create their devices before they ask for suppliers. What they created binds, the bind triggers during the
 * parent's own probe, and the parent, which then defers and takes its devices away again, is handed to the worker once more
 * (driver-core sheet, section 1.2, rule 4): a probe without end. Linux goes on for ever; here a device that did so
 * {@link #LIMIT} times in one event without anybody staying bound stays on the list, and its cause says why.
 *
 * <p>The counts stand in spare bits of the devices' flags and are zero at rest, so that they are no part of any key.
 */
final class Reprobing {

    /** Attempts of one device in one event that restart themselves. */
    static final int LIMIT = 8;

    private static final int SHIFT = 20;
    private static final int MASK = 15 << SHIFT;

    private Reprobing() {
    }

    /** Whether a driver of the device creates devices before it asks for suppliers. */
    static boolean possible(Tables t, int device) {
        return t.childrenOf[device].length > 0
            && Arrays.stream(t.driversOfDevice[device]).anyMatch(r -> t.drivers[r].createsBeforeAsking());
    }

    /**
     * Who beside its suppliers has a say in such a device: what it creates, because that starts it anew; with several drivers
     * everybody, because which of them gets it depends on who else binds and when.
     */
    static int[] influences(Tables t, int device) {
        if (!possible(t, device)) {
            return new int[0];
        }
        return t.driversOfDevice[device].length == 1 ? t.childrenOf[device] : IntStream.range(0, t.deviceCount).toArray();
    }

    /** Whether a probe that is about to defer has created devices by then. */
    static boolean creates(Work w, int device, int driver) {
        return w.t.drivers[driver].createsBeforeAsking() && w.t.childrenOf[device].length > 0 && !exhausted(w, device);
    }

    /** Whether the device has restarted itself as often as it may in this event. */
    static boolean exhausted(Work w, int device) {
        return count(w, device) >= LIMIT;
    }

    private static int count(Work w, int device) {
        return (w.c[w.at.flags + device] & MASK) >>> SHIFT;
    }

    /** A deferred probe during which something triggered: whether the device is handed to the worker again. */
    static boolean again(Work w, int device, int driver) {
        if (!w.t.drivers[driver].createsBeforeAsking()) {
            return true;
        }
        w.c[w.at.flags + device] += exhausted(w, device) ? 0 : 1 << SHIFT;
        if (!exhausted(w, device)) {
            return true;
        }
        int cause = w.c[w.at.cause + device];
        if (Cause.kind(cause) == Cause.DRIVER_DEFERRED) {
            w.c[w.at.cause + device] = Cause.REPROBE_LOOP.with(Cause.argument(cause));
        }
        w.log(LogRecord.Kind.DEFERRED, device, driver, -1, "the devices its driver created before it deferred bound, which "
            + "starts the probe anew, without end; given up after " + LIMIT + " attempts");
        return false;
    }

    /** Somebody bound: unless that may be undone by a probe that is still going on, everybody counts from zero. */
    static void bound(Work w) {
        if (!w.t.reprobing) {
            return;
        }
        for (int at = 0; at < w.sp; at += Work.FRAME) {
            if (w.stack[at] == Frame.PROBE && w.t.drivers[w.stack[at + 2]].createsBeforeAsking()) {
                return;
            }
        }
        forget(w);
    }

    /** The event is over. */
    static void rest(Work w) {
        if (w.t.reprobing) {
            forget(w);
        }
    }

    private static void forget(Work w) {
        for (int d = 0; d < w.t.deviceCount; d++) {
            w.c[w.at.flags + d] &= ~MASK;
        }
    }
}
