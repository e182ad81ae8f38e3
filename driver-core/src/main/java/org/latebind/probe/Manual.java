package org.latebind.probe;

import org.latebind.driver.Errno;

/** Bind and unbind by hand ({@code bind}, {@code unbind}, {@code drivers_probe} in sysfs). */
final class Manual {

    private Manual() {
    }

    static void bind(Work w, int device, int driver) {
        if (!w.present(device)) {
            w.refuse(Errno.ENODEV.number(), "no such device");
        } else if (w.bound(device)) {
            w.refuse(Errno.EBUSY.number(), "already bound");
        } else if (w.t.policy.boot == Policy.BootRule.FIXPOINT) {
            w.refuse(Errno.ENODEV.number(), "nothing binds by hand under this policy");
        } else if (driver < 0) {
            Devices.attachByHand(w, device);
        } else if (!w.registered(driver) || !w.t.matches(device, driver) || !w.allowed(device, driver)) {
            w.refuse(Errno.ENODEV.number(), "driver does not match or is not registered");
        } else if (!w.t.drivers[driver].manualBind()) {
            w.refuse(Errno.ENODEV.number(), "driver offers no bind file");
        } else {
            w.push(Frame.MANUAL, device, 0, 0, 0, 0);
            Probing.start(w, device, driver, true);
        }
    }

    /** The probe is over: what does the writer get. */
    static void step(Work w) {
        int device = w.field(1);
        w.pop();
        if (w.held(device)) {
            return;
        }
        int cause = w.c[w.at.cause + device];
        if (w.is(device, Layout.D_FAILED)) {
            w.refuse(Cause.kind(cause) == Cause.DRIVER_FAILED ? Cause.argument(cause) & 0xfff : Errno.ENODEV.number(),
                "probe failed");
        } else {
            w.refuse(Errno.EAGAIN.number(), "probe deferred");
        }
    }

    static void unbind(Work w, int device) {
        int driver = w.driver(device);
        if (driver < 0) {
            w.refuse(Errno.ENODEV.number(), "not bound");
        } else if (!w.t.drivers[driver].manualBind()) {
            w.refuse(Errno.ENODEV.number(), "no unbind file");
        } else {
            Releasing.start(w, device, -1);
        }
    }
}
