package org.latebind.probe;

import org.latebind.driver.Errno;

/**
 * Xen's IOMMU set-up: one walk over the tree, then passes over those that said EAGAIN until nothing moves; then panic, or boot
 * (xen-grant sheet, B6). The list grows at its head, so passes go against the order of the tree.
 */
final class XenBoot {

    private static final int WALK = 0;
    private static final int WALKED = 1;
    private static final int PASS = 2;
    private static final int PASSED = 3;

    private XenBoot() {
    }

    /** Drivers meet devices at any time under Linux; under Xen IOMMU drivers only in the set-up, others after it. */
    static boolean mayWalk(Work w, int driver) {
        if (w.t.policy.boot == Policy.BootRule.LINUX) {
            return true;
        }
        return w.global(Layout.F_LATE_INIT) && !w.global(Layout.F_PANIC) && !w.t.drivers[driver].iommu();
    }

    /** Frame: phase, place (device), initialised in this round, device that follows in the list plus one. */
    static void step(Work w) {
        switch (w.field(1)) {
            case WALK -> walk(w);
            case WALKED -> walked(w);
            case PASS -> pass(w);
            default -> passed(w);
        }
    }

    private static int driverOf(Work w, int device) {
        for (int r : w.t.driversOfDevice[device]) {
            if (w.registered(r) && w.t.drivers[r].iommu()) {
                return r;
            }
        }
        return -1;
    }

    private static void walk(Work w) {
        for (int d = w.c[w.at.next + w.at.pending]; w.field(2) == 0 && d != w.at.pending; d = w.c[w.at.next + w.at.pending]) {
            w.unlist(d);
        }
        while (w.field(2) < w.t.deviceCount) {
            int device = w.field(2);
            int driver = w.present(device) ? driverOf(w, device) : -1;
            if (driver >= 0) {
                w.set(1, WALKED);
                Probing.start(w, device, driver, true);
                return;
            }
            w.set(2, device + 1);
        }
        if (w.field(3) == 0) {
            end(w, w.c[w.at.next + w.at.pending] == w.at.pending ? Errno.ENODEV : Errno.EAGAIN);
            return;
        }
        w.set(1, PASS);
        w.set(2, w.c[w.at.next + w.at.pending]);
        w.set(3, 0);
    }

    private static void walked(Work w) {
        int device = w.field(2);
        w.set(1, WALK);
        w.set(2, device + 1);
        if (w.held(device)) {
            w.set(3, w.field(3) + 1);
        } else if (!w.is(device, Layout.D_FAILED)) {
            w.unlist(device);
            w.prepend(w.at.pending, device);
        } else if (errno(w, device) != Errno.ENODEV.number()) {
            end(w, Errno.EIO);
        }
    }

    private static void pass(Work w) {
        int device = w.field(2);
        if (device == w.at.pending) {
            boolean empty = w.c[w.at.next + w.at.pending] == w.at.pending;
            if (empty || w.field(3) == 0) {
                end(w, empty ? null : Errno.EAGAIN);
                return;
            }
            w.set(2, w.c[w.at.next + w.at.pending]);
            w.set(3, 0);
            return;
        }
        w.set(1, PASSED);
        w.set(4, w.c[w.at.next + device]);
        w.log(LogRecord.Kind.RETRY, device, -1, -1);
        Probing.start(w, device, driverOf(w, device), true);
    }

    private static void passed(Work w) {
        int device = w.field(2);
        w.set(1, PASS);
        w.set(2, w.field(4));
        if (w.held(device)) {
            w.unlist(device);
            w.set(3, w.field(3) + 1);
        } else if (w.is(device, Layout.D_FAILED)) {
            w.unlist(device);
            end(w, errno(w, device) == Errno.ENODEV.number() ? Errno.ENODEV : Errno.EIO);
        }
    }

    private static int errno(Work w, int device) {
        int cause = w.c[w.at.cause + device];
        return Cause.kind(cause) == Cause.DRIVER_FAILED ? Cause.argument(cause) & 0xfff : Errno.EIO.number();
    }

    /** Null: all well. ENODEV: Xen boots on without IOMMUs. Anything else: panic. */
    private static void end(Work w, Errno error) {
        w.pop();
        w.c[Layout.FLAGS] |= Layout.F_LATE_INIT;
        w.log(LogRecord.Kind.LATE_INIT, -1, -1, -1);
        if (error == Errno.ENODEV) {
            w.c[Layout.FLAGS] |= Layout.F_NO_IOMMU;
            for (int p = 0; p < w.t.iommuCount; p++) {
                if (w.iommuLive(p)) {
                    w.c[w.at.iommuFlags + p] |= Layout.P_SHADOWED;
                }
            }
        } else if (error != null) {
            w.c[Layout.FLAGS] |= Layout.F_PANIC;
            w.log(LogRecord.Kind.PANIC, -1, -1, error.number(), "Couldn't configure the IOMMUs");
            return;
        }
        for (int r = w.t.driverCount - 1; r >= 0; r--) {
            if (w.registered(r) && !w.t.drivers[r].iommu()) {
                w.push(Frame.WALK, r, 0, 0, 0, 0);
            }
        }
    }
}
