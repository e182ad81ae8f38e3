package org.latebind.probe;

import org.latebind.driver.Errno;

/**
 * Modules and drivers come and go: registration walks, boot order, unload rules (driver-core sheet, sections 1.3 to 1.5, 7.4).
 */
final class Modules {

    private Modules() {
    }

    static void boot(Work w) {
        while (w.field(1) < w.t.bootOrder.length) {
            int module = w.t.bootOrder[w.field(1)];
            w.set(1, w.field(1) + 1);
            if (!w.loaded(module)) {
                load(w, module);
                return;
            }
        }
        if ((w.c[Layout.FLAGS] & Layout.F_BOOTED) == 0) {
            w.c[Layout.FLAGS] |= Layout.F_BOOTED;
            if (w.t.policy.legacy == Policy.Legacy.AT_DEVICE_INITCALL_SYNC) {
                w.push(Frame.LEGACY_SYNC, 0, 0, 0, 0, 0);
                return;
            }
        }
        w.pop();
    }

    static void load(Work w, int module) {
        w.c[w.at.loaded + module] = 1;
        w.log(LogRecord.Kind.LOADED, -1, -1, module);
        w.push(Frame.LOAD, module, 0, 0, 0, 0);
    }

    static void stepLoad(Work w) {
        int[] drivers = w.t.driversOfModule[w.field(1)];
        for (int i = w.field(2); i < drivers.length; i++) {
            if (!w.registered(drivers[i])) {
                w.set(2, i + 1);
                register(w, drivers[i]);
                return;
            }
        }
        w.pop();
    }

    static void register(Work w, int driver) {
        w.c[w.at.registered + driver] = ++w.c[Layout.REGISTRATIONS];
        w.log(LogRecord.Kind.DRIVER_REGISTERED, -1, driver, -1);
        w.push(Frame.WALK, driver, 0, 0, 0, 0);
    }

    /** A new driver meets the devices of its bus, in the order in which they were added. */
    static void stepWalk(Work w) {
        int driver = w.field(1);
        int[] devices = w.t.devicesOfDriver[driver];
        int bus = w.t.busOfDriver[driver];
        boolean disturbed = bus >= 0 && (w.c[Layout.DISTURBED] >>> bus & 1) != 0;
        while (XenBoot.mayWalk(w, driver)) {
            int device;
            if (disturbed) {
                device = nextAdded(w, devices, w.field(3));
                if (device < 0) {
                    break;
                }
                w.set(3, w.c[w.at.added + device]);
            } else {
                if (w.field(2) >= devices.length) {
                    break;
                }
                device = devices[w.field(2)];
                w.set(2, w.field(2) + 1);
            }
            if (!w.present(device) || w.c[w.at.driver + device] >= 0 || !w.allowed(device, driver)) {
                continue;
            }
            if (w.t.asyncDriver[driver]) {
                Devices.schedule(w, device, driver);
            } else {
                int depth = w.sp;
                Probing.start(w, device, driver, false);
                if (w.sp != depth) {
                    return;
                }
            }
        }
        w.pop();
        Calendar.driverRegistered(w);
        if (w.asyncCount > 0 && !w.t.parameters.asyncChoice()) {
            w.push(Frame.ASYNC, 0, 0, 0, 0, 0);
        }
    }

    private static int nextAdded(Work w, int[] devices, int after) {
        int best = -1;
        for (int d : devices) {
            int when = w.c[w.at.added + d];
            if (w.present(d) && when > after && (best < 0 || when < w.c[w.at.added + best])) {
                best = d;
            }
        }
        return best;
    }

    // ---- unload

    /** Returns null when the module may be unloaded, else why not. */
    static Step.Refusal refusal(Cells w, int module) {
        if (w.t.catalogue.module(module).builtin()) {
            return new Step.Refusal(Errno.EPERM.number(), "built in");
        }
        if (!w.loaded(module)) {
            return new Step.Refusal(Errno.ESRCH.number(), "not loaded");
        }
        if (w.t.policy.moduleReferences && inUse(w, module)) {
            return new Step.Refusal(Errno.EBUSY.number(), "in use");
        }
        return null;
    }

    private static boolean inUse(Cells w, int module) {
        for (int p = 0; p < w.t.iommuCount; p++) {
            int driver = w.c[w.at.iommuDriver + p] - 1;
            if (w.iommuLive(p) && w.t.moduleOfDriver[driver] == module && w.c[w.at.iommuClients + p] > 0) {
                return true;
            }
        }
        for (int d = 0; d < w.t.deviceCount; d++) {
            int driver = w.c[w.at.driver + d];
            if (driver < 0 || w.t.drivers[driver].suppliersAsked().isEmpty()) {
                continue;
            }
            for (BoardDevice.Asked asked : w.t.board.devices[d].askable()) {
                int supplier = asked.node() < 0 ? -1 : w.t.board.nodeDevice[asked.node()];
                if (supplier >= 0 && w.held(supplier) && w.t.moduleOfDriver[w.c[w.at.driver + supplier]] == module
                        && (w.t.moduleOfDriver[driver] != module || countsItself(asked.property()))
                        && w.t.drivers[driver].suppliersAsked().contains(asked.property())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** A regulator or GPIO is counted even when taker and supplier are of one module (observed: a regulator before a regulator). */
    private static boolean countsItself(String property) {
        return property.endsWith("-supply") || property.endsWith("gpio") || property.endsWith("gpios");
    }

    static void unload(Work w, int module) {
        w.push(Frame.UNLOAD, module, w.t.driverCount, 0, 0, 0);
    }

    static void stepUnload(Work w) {
        int module = w.field(1);
        for (int r = w.field(2) - 1; r >= 0; r--) {
            if (w.t.moduleOfDriver[r] == module && w.registered(r)) {
                w.set(2, r);
                w.push(Frame.UNREGISTER, r, 0, 0, 0, 0);
                return;
            }
        }
        w.c[w.at.loaded + module] = 0;
        w.log(LogRecord.Kind.UNLOADED, -1, -1, module);
        w.pop();
    }

    /** The driver stops matching, then its devices are released, the one bound last first. */
    static void stepUnregister(Work w) {
        int driver = w.field(1);
        w.c[w.at.registered + driver] = 0;
        int device = w.lastOfDriver(driver);
        if (device >= 0) {
            Releasing.start(w, device, -1);
            return;
        }
        w.log(LogRecord.Kind.DRIVER_UNREGISTERED, -1, driver, -1);
        w.pop();
    }
}
