package org.latebind.probe;

/** Devices appear: all of a board at the start, children in their creator's probe, single ones later; and look for a driver. */
final class Devices {

    private static final int SYNCHRONOUS = 1;
    private static final int ASYNCHRONOUS = 2;
    private static final int BY_HAND = 3;

    private Devices() {
    }

    /** All devices that need no creator, in order, before any driver. */
    static void createAll(Work w) {
        while (w.field(1) < w.t.deviceCount) {
            int device = w.field(1);
            w.set(1, device + 1);
            if (w.t.board.devices[device].creator() < 0) {
                appear(w, device);
            }
        }
        w.pop();
    }

    static void appear(Work w, int device) {
        w.raise(device, Layout.D_PRESENT);
        w.c[w.at.added + device] = ++w.c[Layout.ADDITIONS];
        int bus = w.t.board.busOfDevice[device];
        if (device < w.c[w.at.busLast + bus]) {
            w.c[Layout.DISTURBED] |= 1 << bus;
        }
        w.c[w.at.busLast + bus] = Math.max(device, w.c[w.at.busLast + bus]);
        if (w.t.board.devices[device].namedLate()) {
            w.lateName(device, lowestName(w, device) + 1);
        }
        if (w.t.policy.lookup == Policy.Lookup.AT_CREATION) {
            lookUp(w, device);
        }
        w.log(LogRecord.Kind.DEVICE_ADDED, device, -1, -1);
    }

    /** Keeps the highest number present on the bus, by which a later addition is known to be out of order. */
    static void vanished(Work w, int device) {
        int bus = w.t.board.busOfDevice[device];
        int last = w.c[w.at.busLast + bus];
        while (last > 0 && !(w.present(last) && w.t.board.busOfDevice[last] == bus)) {
            last--;
        }
        w.c[w.at.busLast + bus] = last;
    }

    static int lowestName(Work w, int device) {
        String bus = w.t.board.devices[device].name();
        for (int name = 0;; name++) {
            boolean free = true;
            for (int other = 0; other < w.t.deviceCount && free; other++) {
                free = other == device || !w.present(other) || w.lateName(other) != name + 1
                    || !w.t.board.devices[other].name().equals(bus);
            }
            if (free) {
                return name;
            }
        }
    }

    /**
     * Old kernels translate at creation: only IOMMUs that are up by then count, for the devices of the start those of the early
     * levels; one that is not there leaves the device without any (sections 4.1 and 12).
     */
    private static void lookUp(Work w, int device) {
        boolean found = false;
        for (int iommu : w.t.iommusOf[device]) {
            if (iommu == IommuEntry.END) {
                break;
            }
            boolean up = iommu >= 0 && w.t.board.iommuAvailable[iommu]
                && (w.c[Layout.REGISTRATIONS] == 0 ? w.t.iommuEarly[iommu] : w.iommuLive(iommu));
            if (!up) {
                return;
            }
            found = true;
        }
        if (found) {
            w.raise(device, Layout.D_SPEC);
        }
    }

    static void children(Work w) {
        int[] all = w.t.childrenOf[w.field(1)];
        String creates = w.t.drivers[w.field(3)].createsDevices();
        while (w.field(2) < all.length) {
            int child = all[w.field(2)];
            w.set(2, w.field(2) + 1);
            String bus = w.t.board.devices[child].bus();
            if (!w.present(child) && (creates == null || creates.equals("*") || creates.equals(bus))) {
                add(w, child);
                return;
            }
        }
        w.result = Work.R_BOUND;
        w.pop();
    }

    static void add(Work w, int device) {
        w.push(Frame.ADD, device, 0, 0, 0, 0);
    }

    static void stepAdd(Work w) {
        int device = w.field(1);
        int phase = w.field(2);
        w.set(2, phase + 1);
        if (phase == 0) {
            if (w.present(device)) {
                w.pop();
                return;
            }
            appear(w, device);
            int iommu = w.t.policy.lookup == Policy.Lookup.AT_REGISTRATION ? DmaSetup.ask(w, device) : -1;
            iommu = iommu >= 0 ? iommu : Registration.legacyAdded(w, device);
            if (iommu >= 0) {
                w.await(Work.AWAIT_ATTACH, device, iommu);
                w.set(3, 1);
            }
        } else if (phase == 1) {
            if (w.field(3) == 1) {
                Registration.attachAnswered(w, device, w.c[Layout.AWAIT_OTHER]);
            }
            attach(w, device);
        } else {
            Links.deviceAdded(w, device);
            w.pop();
        }
    }

    // ---- a device looks for a driver

    static void attach(Work w, int device) {
        w.push(Frame.ATTACH, device, 0, SYNCHRONOUS, 0, 0);
    }

    /** {@code drivers_probe}: by hand nothing is asynchronous (section 1.6). */
    static void attachByHand(Work w, int device) {
        w.push(Frame.ATTACH, device, 0, BY_HAND, 0, 0);
    }

    static void stepAttach(Work w) {
        int device = w.field(1);
        int depth = w.sp;
        do {
            if (w.field(4) == 1) {
                w.set(4, 0);
                if (stops(w)) {
                    w.pop();
                    return;
                }
            }
            if (!w.present(device) || w.c[w.at.driver + device] >= 0) {
                w.pop();
                return;
            }
            int driver = nextDriver(w, device, w.field(2), w.field(3));
            if (driver >= 0) {
                w.set(2, w.c[w.at.registered + driver]);
                w.set(4, 1);
                Probing.start(w, device, driver, false);
            } else if (w.field(3) == SYNCHRONOUS && nextDriver(w, device, 0, ASYNCHRONOUS) >= 0) {
                w.set(2, 0);
                w.set(3, ASYNCHRONOUS);
                if (w.t.parameters.asyncChoice()) {
                    w.pop();
                    schedule(w, device, -1);
                }
            } else {
                w.pop();
            }
        } while (w.sp == depth);
    }

    private static boolean stops(Work w) {
        return w.result == Work.R_BOUND || w.result == Work.R_BUSY || w.result == Work.R_LINK
            || w.result == Work.R_CORE && w.t.policy.coreErrorStopsWalk;
    }

    private static int nextDriver(Work w, int device, int after, int pass) {
        int best = -1;
        for (int r : w.t.driversOfDevice[device]) {
            int when = w.c[w.at.registered + r];
            boolean now = pass == BY_HAND || w.t.asyncDriver[r] == (pass == ASYNCHRONOUS);
            if (when > after && now && w.allowed(device, r)
                    && (best < 0 || when < w.c[w.at.registered + best])) {
                best = r;
            }
        }
        return best;
    }

    // ---- asynchronous probes

    /** Schedules the probe of a device by a driver, or by any asynchronous one (-1). At most one is in flight for a device. */
    static void schedule(Work w, int device, int driver) {
        if (w.is(device, Layout.D_QUEUED_ASYNC)) {
            return;
        }
        w.raise(device, Layout.D_QUEUED_ASYNC | Layout.D_CAN_MATCH);
        if (w.asyncCount + 2 > w.async.length) {
            w.async = java.util.Arrays.copyOf(w.async, w.async.length * 2);
        }
        w.async[w.asyncCount++] = device;
        w.async[w.asyncCount++] = driver;
    }

    /** What a registration scheduled runs before anybody else registers, as if it were synchronous (sections 1.6 and 13.15). */
    static void stepAsync(Work w) {
        if (w.asyncCount > 0) {
            startAsync(w, 0);
        } else {
            w.pop();
        }
    }

    /** Takes the probe at this place of the queue and starts it. */
    static void startAsync(Work w, int place) {
        int device = w.async[place];
        int driver = w.async[place + 1];
        System.arraycopy(w.async, place + 2, w.async, place, w.asyncCount - place - 2);
        w.asyncCount -= 2;
        w.lower(device, Layout.D_QUEUED_ASYNC);
        if (!w.present(device) || w.c[w.at.driver + device] >= 0) {
            return;
        }
        if (driver < 0) {
            w.push(Frame.ATTACH, device, 0, ASYNCHRONOUS, 0, 0);
        } else if (w.registered(driver)) {
            Probing.start(w, device, driver, false);
        }
    }
}
