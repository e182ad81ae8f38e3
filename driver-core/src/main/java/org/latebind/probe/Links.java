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
        if (w.logging() && !w.is(device, Layout.D_SYNCED)) {
            syncState(w, device);
        }
        for (int link : w.t.links.ofConsumer[device]) {
            int supplier = w.supplierOf(link);
            if (w.logging() && supplier >= 0 && w.held(supplier) && !w.is(supplier, Layout.D_SYNCED)) {
                syncState(w, supplier);
            }
        }
    }

    /** Logs, once, that all consumers of a supplier are held; nothing is decided by it. */
    private static void syncState(Work w, int supplier) {
        if (!w.global(Layout.F_LATE_INIT) || w.t.links.ofSupplier[supplier].length == 0) {
            return;
        }
        for (int link : w.t.links.ofSupplier[supplier]) {
            if (!w.linkRelaxed(link) && w.supplierOf(link) == supplier && !w.held(w.t.links.consumer[link])) {
                return;
            }
        }
        w.log(LogRecord.Kind.SYNC_STATE, supplier, -1, -1);
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
