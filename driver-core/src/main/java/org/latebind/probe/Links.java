package org.latebind.probe;

/**
 * Device links at work: the check before a probe, what a bind does to consumers, relaxation. The state of a link is derived
 * from
 * its two devices (available: supplier held; active: both held), so only relaxation and moving are stored.
 */
final class Links {

    private Links() {
    }

    /** Returns the first link that keeps the device from probing, or -1. */
    static int missing(Work w, int device) {
        for (int link : w.t.links.ofConsumer[device]) {
            if (w.linkRelaxed(link)) {
                continue;
            }
            int supplier = w.supplierOf(link);
            if (supplier < 0 || !w.present(supplier) || !w.held(supplier)) {
                return link;
            }
        }
        return -1;
    }

    /** Tells whether the link waits for a node that is no device (yet). */
    static boolean waitsForNode(Cells w, int link) {
        int supplier = w.supplierOf(link);
        return supplier < 0 || !w.present(supplier);
    }

    /** The device is held now: consumers of its child nodes become its own, waiting consumers queue up behind everyone else. */
    static void supplierBound(Work w, int device) {
        for (int link : w.t.links.ofSupplier[device]) {
            if (w.t.links.supplier[link] < 0 && !w.linkMoved(link)) {
                w.move(link);
            }
            int consumer = w.t.links.consumer[link];
            if (!w.linkRelaxed(link) && w.present(consumer) && w.c[w.at.driver + consumer] < 0
                    && w.is(consumer, Layout.D_CAN_MATCH) && w.defer(consumer)) {
                w.log(LogRecord.Kind.DEFERRED, consumer, -1, device);
            }
        }
        if (w.logging()) {
            syncState(w, device);
            LinkTable links = w.t.syncLinks();
            for (int link : links.ofConsumer[device]) {
                int supplier = links == w.t.links ? w.supplierOf(link) : links.supplier[link];
                if (supplier >= 0 && w.held(supplier)) {
                    syncState(w, supplier);
                }
            }
            for (int supplier : links.cycleSuppliers[device]) {
                if (w.held(supplier)) {
                    syncState(w, supplier);
                }
            }
        }
    }

    /**
     * Tells the supplier, once, that all its consumers are held: its hardware may leave the state the firmware left. Held back
     * until late-init. Nothing is decided by it, so a search, which writes no log, leaves it out.
     */
    private static void syncState(Work w, int supplier) {
        LinkTable links = w.t.syncLinks();
        boolean consumers = links.ofSupplier[supplier].length + links.cycleConsumers[supplier].length > 0;
        if (w.global(Layout.F_LATE_INIT) && !w.is(supplier, Layout.D_SYNCED) && consumers && delayedBy(w, supplier) < 0) {
            w.raise(supplier, Layout.D_SYNCED);
            w.log(LogRecord.Kind.SYNC_STATE, supplier, -1, -1);
        }
    }

    /** The first consumer that is not held, or -1. A relaxed link holds nobody, but it delays until its consumer binds. */
    private static int delayedBy(Work w, int supplier) {
        LinkTable links = w.t.syncLinks();
        for (int link : links.ofSupplier[supplier]) {
            int consumer = links.consumer[link];
            int at = links == w.t.links ? w.supplierOf(link) : links.supplier[link];
            if (at == supplier && w.present(consumer) && !w.held(consumer)) {
                return consumer;
            }
        }
        for (int consumer : links.cycleConsumers[supplier]) {
            if (w.present(consumer) && !w.held(consumer)) {
                return consumer;
            }
        }
        return -1;
    }

    /** Late-init: what was held back until now. */
    static void syncStates(Work w) {
        for (int device = 0; device < w.t.deviceCount; device++) {
            if (w.held(device)) {
                syncState(w, device);
            }
        }
    }

    /** The timer expired: strict waits on and says for whom, timeout tells the supplier all the same. */
    static void syncStatesAtExpiry(Work w) {
        syncStates(w);
        for (int device = 0; device < w.t.deviceCount; device++) {
            int consumer = w.held(device) && !w.is(device, Layout.D_SYNCED) ? delayedBy(w, device) : -1;
            if (consumer >= 0 && w.t.parameters.syncStateTimesOut()) {
                w.raise(device, Layout.D_SYNCED);
                w.log(LogRecord.Kind.SYNC_STATE, device, -1, -1, "timed out");
            } else if (consumer >= 0) {
                w.log(LogRecord.Kind.SYNC_STATE_PENDING, device, -1, consumer);
            }
        }
    }

    /** Links to devices that never matched a driver hold nobody any more. Links to bare nodes stay. */
    static void relaxUnmatched(Work w) {
        for (int link = 0; link < w.t.links.size(); link++) {
            int supplier = w.supplierOf(link);
            if (supplier >= 0 && w.present(supplier) && !w.is(supplier, Layout.D_CAN_MATCH)) {
                w.relax(link);
            }
        }
    }

    /** After relaxation a new device without a matching driver holds nobody from the start. */
    static void deviceAdded(Work w, int device) {
        if (w.global(Layout.F_REGISTRATION_DONE) && !w.is(device, Layout.D_CAN_MATCH)) {
            for (int link : w.t.links.ofSupplier[device]) {
                if (w.t.links.supplier[link] == device) {
                    w.relax(link);
                }
            }
        }
    }

    /** The device is gone, its links with it. */
    static void deviceRemoved(Work w, int device) {
        for (int link : w.t.links.ofConsumer[device]) {
            w.resetLink(link);
        }
        for (int link : w.t.links.ofSupplier[device]) {
            w.resetLink(link);
        }
    }
}
