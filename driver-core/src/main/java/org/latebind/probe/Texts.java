package org.latebind.probe;

import java.util.Map;

/** Names and texts of what a state stores as numbers. */
final class Texts {

    /** Mark of texts that come from the tables; others are the state's own. */
    static final int STATIC = 1 << 24;

    private Texts() {
    }

    /** The line of the deferred list, without the device's name. */
    static String ofReason(Cells s, int device, int reason) {
        int argument = Cause.argument(reason);
        String bus = s.t.board.devices[device].bus() + ": ";
        switch (Cause.kind(reason)) {
            case LINK:
                int supplier = s.supplierOf(argument);
                return supplier < 0 ? bus + "wait for supplier " + s.t.board.nodePath[s.t.links.supplierNode[argument]]
                    : bus + "supplier " + s.deviceName(supplier) + " not ready";
            case NODE:
                return bus + "wait for supplier " + s.t.board.nodePath[s.t.links.supplierNode[argument]];
            case DRIVER_DEFERRED:
                return driverOf(s, device) + ": " + text(s, argument).substring(text(s, argument).indexOf('\n') + 1);
            default:
                return "";
        }
    }

    /** The driver that asked: the one that matches; with several, the first registered. */
    private static String driverOf(Cells s, int device) {
        String name = s.t.board.devices[device].bus();
        int best = Integer.MAX_VALUE;
        for (int r : s.t.driversOfDevice[device]) {
            int when = s.c[s.at.registered + r];
            if (best == Integer.MAX_VALUE || when > 0 && when < best) {
                name = s.t.catalogue.driver(r).name();
                best = when > 0 ? when : best;
            }
        }
        return name;
    }

    /** How a deferral is kept: supplier, line feed, reason. */
    static String key(String supplier, String reason) {
        return supplier + "\n" + reason;
    }

    /** Number of a deferral's text; the catalogue's own answers have theirs already. */
    static int number(Work w, int device, ProbeAnswer.Deferred answer) {
        for (Asking asking : w.t.askings[device]) {
            if (asking.answer == answer) {
                return asking.text | STATIC;
            }
        }
        return w.intern(key(answer.supplier(), answer.reason()));
    }

    /** Supplier, line feed, reason. */
    static String text(Cells s, int index) {
        if ((index & STATIC) == 0) {
            return s.texts.get(index);
        }
        for (Map.Entry<String, Integer> e : s.t.staticTexts.entrySet()) {
            if (e.getValue() == (index & ~STATIC)) {
                return e.getKey();
            }
        }
        throw new IllegalStateException("no text " + index);
    }
}
