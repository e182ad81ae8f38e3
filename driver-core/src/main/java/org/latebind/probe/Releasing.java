package org.latebind.probe;

/**
 * A device loses its driver: consumers first, then the devices it created, then its clients if it is an IOMMU, then the
 * driver's
 * own remove (driver-core sheet, sections 2 and 5.4). And whole devices going.
 */
final class Releasing {

    private static final int CONSUMERS = 0;
    private static final int CLIENTS = 1;
    private static final int CHILDREN = 2;
    private static final int IOMMU = 3;
    private static final int REMOVE = 4;
    private static final int FINISH = 5;

    private Releasing() {
    }

    /**
     * Starts the release of a device's driver.
     *
     * @param supplier the device whose going forces it, or -1
     */
    static void start(Work w, int device, int supplier) {
        w.push(Frame.UNBIND, device, CONSUMERS, supplier + 1, 0, 0);
    }

    static void step(Work w) {
        int device = w.field(1);
        if (w.c[w.at.driver + device] < 0 || w.is(device, Layout.D_PROBING)) {
            w.pop();
            return;
        }
        w.raise(device, Layout.D_UNBINDING);
        switch (w.field(2)) {
            case CONSUMERS -> consumers(w, device);
            case CLIENTS -> clients(w, device);
            case CHILDREN -> children(w, device);
            case IOMMU -> iommu(w, device);
            case REMOVE -> {
                w.set(2, FINISH);
                w.await(Work.AWAIT_REMOVE, device, w.c[w.at.driver + device]);
            }
            default -> finish(w, device);
        }
    }

    private static void next(Work w, int phase) {
        w.set(2, phase);
        w.set(4, 0);
    }

    private static void consumers(Work w, int device) {
        int[] links = w.t.links.ofSupplier[device];
        for (int i = w.field(4); i < links.length; i++) {
            int consumer = w.t.links.consumer[links[i]];
            if (!w.linkRelaxed(links[i]) && w.supplierOf(links[i]) == device && w.held(consumer)) {
                w.set(4, i + 1);
                start(w, consumer, device);
                return;
            }
        }
        int[] asking = w.t.iommusAsking[device];
        for (int i = Math.max(0, w.field(4) - links.length); i < asking.length; i++) {
            if (w.held(asking[i]) && asks(w, asking[i])) {
                w.set(4, links.length + i + 1);
                start(w, asking[i], device);
                return;
            }
        }
        next(w, CLIENTS);
    }

    private static boolean asks(Work w, int iommu) {
        for (Asking asking : w.t.askings[iommu]) {
            if (asking.by(w.c[w.at.driver + iommu])) {
                return true;
            }
        }
        return false;
    }

    /** Clients that are tied to their IOMMU: by the driver's own links, or by our policy. */
    private static void clients(Work w, int device) {
        int iommu = w.t.board.iommuOfDevice[device];
        boolean again = w.t.policy.departure == Policy.Departure.CLIENTS_WAIT_AGAIN;
        boolean linked = w.t.drivers[w.c[w.at.driver + device]].clientLinks();
        if (iommu >= 0 && w.iommuLive(iommu) && (again || linked) && w.c[w.at.iommuClients + iommu] > 0) {
            int split = w.t.clientsOfIommu[iommu].length;
            int count = split + w.t.legacyOfIommu[iommu].length;
            for (int i = w.field(4); i < count; i++) {
                int client = i < split ? w.t.clientsOfIommu[iommu][i] : w.t.legacyOfIommu[iommu][i - split];
                if (w.attachedTo(client) == iommu && w.held(client)) {
                    w.set(4, i + 1);
                    start(w, client, device);
                    return;
                }
            }
        }
        next(w, CHILDREN);
    }

    private static void children(Work w, int device) {
        int[] all = w.t.childrenOf[device];
        for (int i = w.field(4); i < all.length; i++) {
            int child = all[all.length - 1 - i];
            if (w.present(child)) {
                w.set(4, i + 1);
                remove(w, child);
                return;
            }
        }
        next(w, IOMMU);
    }

    private static void iommu(Work w, int device) {
        next(w, REMOVE);
        int iommu = w.t.board.iommuOfDevice[device];
        if (iommu >= 0 && w.iommuLive(iommu) && w.c[w.at.iommuDriver + iommu] == w.c[w.at.driver + device] + 1) {
            w.push(Frame.ROLLBACK, iommu, 0, 0, 0, 1);
        }
    }

    private static void finish(Work w, int device) {
        int driver = w.c[w.at.driver + device];
        int supplier = w.field(3) - 1;
        w.removeFromDriver(device);
        w.c[w.at.driver + device] = -1;
        w.lower(device, Layout.D_UNBINDING | Layout.D_FAILED | Layout.D_SYNCED);
        w.pop();
        if (supplier < 0) {
            w.c[w.at.cause + device] = Cause.UNBOUND_BY_HAND.with(driver);
            w.log(LogRecord.Kind.UNBOUND, device, driver, -1);
            return;
        }
        int iommu = w.t.board.iommuOfDevice[supplier];
        boolean client = iommu >= 0 && java.util.Arrays.stream(w.t.iommusOf[device]).anyMatch(p -> p == iommu);
        w.c[w.at.cause + device] = client ? Cause.IOMMU_LEFT.with(iommu) : Cause.SUPPLIER_LEFT.with(supplier);
        w.log(LogRecord.Kind.FORCED_OFF, device, driver, supplier);
        if (w.t.policy.forcedWaitAgain) {
            w.defer(device);
            w.log(LogRecord.Kind.DEFERRED, device, -1, supplier);
        } else {
            w.raise(device, Layout.D_FORCED_OFF);
        }
    }

    // ---- devices

    static void remove(Work w, int device) {
        w.push(Frame.REMOVE, device, 0, 0, 0, 0);
    }

    static void stepRemove(Work w) {
        int device = w.field(1);
        int phase = w.field(2);
        if (!w.present(device)) {
            w.pop();
            return;
        }
        w.set(2, phase + 1);
        if (phase == 0) {
            start(w, device, -1);
        } else if (phase == 1 && w.attachedTo(device) >= 0) {
            w.await(Work.AWAIT_RELEASE, device, w.attachedTo(device));
        } else if (phase >= 1) {
            if (w.is(device, Layout.D_GROUPED)) {
                Groups.leave(w, device);
            }
            w.unlist(device);
            w.log(LogRecord.Kind.DEVICE_REMOVED, device, -1, -1);
            w.c[w.at.flags + device] = 0;
            w.c[w.at.reason + device] = 0;
            w.c[w.at.cause + device] = 0;
            w.lateName(device, 0);
            w.c[w.at.added + device] = 0;
            dropAsync(w, device);
            Links.deviceRemoved(w, device);
            Devices.vanished(w, device);
            w.pop();
        }
    }

    private static void dropAsync(Work w, int device) {
        for (int i = 0; i < w.asyncCount; i += 2) {
            if (w.async[i] == device) {
                System.arraycopy(w.async, i + 2, w.async, i, w.asyncCount - i - 2);
                w.asyncCount -= 2;
                i -= 2;
            }
        }
    }
}
