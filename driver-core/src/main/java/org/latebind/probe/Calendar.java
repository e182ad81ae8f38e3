package org.latebind.probe;

/** Late-init, the deferred-probe timer, and virtual time (driver-core sheet, sections 1.3 and 3). */
final class Calendar {

    static final long MICROS = 1_000_000L;

    private Calendar() {
    }

    static void lateInit(Work w) {
        int phase = w.field(1);
        w.set(1, phase + 1);
        if (phase == 0) {
            w.c[Layout.FLAGS] |= Layout.F_ENABLED | Layout.F_LATE_INIT;
            w.log(LogRecord.Kind.LATE_INIT, -1, -1, -1);
            w.trigger();
            w.push(Frame.FLUSH, 0, 0, 0, 0, 0);
        } else if (phase == 1 && w.t.policy.lateInitPasses > 1) {
            w.c[Layout.FLAGS] |= Layout.F_INITCALLS_DONE;
            if (!w.t.parameters.modules()) {
                registrationDone(w);
            }
            for (int i = 0; i < w.turns && w.turn(); i++) {
                continue;
            }
            w.trigger();
            w.push(Frame.FLUSH, 0, 0, 0, 0, 0);
        } else {
            w.c[Layout.FLAGS] |= Layout.F_INITCALLS_DONE;
            w.pop();
            if (w.logging()) {
                Links.syncStates(w);
            }
            if (w.c[Layout.TIMEOUT] > 0) {
                arm(w);
            }
        }
    }

    static void arm(Work w) {
        long due = w.nowMicros() + w.c[Layout.TIMEOUT] * MICROS;
        w.wide(Layout.DUE_LOW, due);
        w.wide(Layout.REARMED_LOW, w.nowMicros());
        w.log(LogRecord.Kind.TIMER_ARMED, -1, -1, w.c[Layout.TIMEOUT]);
        if (w.announcing()) {
            w.announce(new Action.ArmTimer(due));
        }
    }

    /** Every registration of a driver restarts a pending timer, after the driver has met its devices. */
    static void driverRegistered(Work w) {
        if (w.t.policy.rearms && w.timerDueMicros() >= 0) {
            arm(w);
        }
    }

    /** No more drivers are expected. 5.10 does not know this moment: its links never relax (recorded boots of 5.10.223). */
    private static void registrationDone(Work w) {
        if (w.t.policy.suppliers == SupplierProperties.Era.V5_10) {
            return;
        }
        w.c[Layout.FLAGS] |= Layout.F_REGISTRATION_DONE;
        Links.relaxUnmatched(w);
    }

    static void expire(Work w) {
        int phase = w.field(1);
        w.set(1, phase + 1);
        if (phase == 0) {
            w.log(LogRecord.Kind.TIMER_EXPIRED, -1, -1, -1);
            w.wide(Layout.DUE_LOW, -1);
            registrationDone(w);
            w.c[Layout.TIMEOUT] = 0;
            w.trigger();
            w.push(Frame.FLUSH, 0, 0, 0, 0, 0);
        } else {
            w.pop();
            if (w.logging()) {
                for (int device : w.deferredList()) {
                    w.log(LogRecord.Kind.STILL_PENDING, device, -1, -1, w.reasonText(device));
                }
                Links.syncStatesAtExpiry(w);
            }
        }
    }

    /** Frame: target time. The timer fires on the way. */
    static void advance(Work w) {
        long to = (long) w.field(2) << 32 | w.field(1) & 0xffffffffL;
        long due = w.timerDueMicros();
        if (due >= 0 && due <= to) {
            w.wide(Layout.NOW_LOW, Math.max(due, w.nowMicros()));
            w.push(Frame.EXPIRE, 0, 0, 0, 0, 0);
            return;
        }
        w.wide(Layout.NOW_LOW, to);
        w.pop();
    }

    // ---- the worker

    static void flush(Work w) {
        if (!work(w)) {
            w.pop();
        }
    }

    /** Takes the next active device and lets it look for a driver; false when there is none. */
    static boolean work(Work w) {
        int device = w.c[w.at.next + w.at.active];
        if (device == w.at.active) {
            return false;
        }
        w.unlist(device);
        w.c[w.at.reason + device] = 0;
        w.log(LogRecord.Kind.RETRY, device, -1, -1);
        Devices.attach(w, device);
        return true;
    }
}
