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
                return supplier < 0 ? bus + "wait for supplier " + node(s, argument)
                    : bus + "supplier " + s.deviceName(supplier) + " not ready";
            case NODE:
                return bus + "wait for supplier " + node(s, argument);
            case DRIVER_DEFERRED:
                return driverOf(s, device, argument) + ": " + text(s, argument).substring(text(s, argument).indexOf('\n') + 1);
            default:
                return "";
        }
    }

    /** Its path, before 6.8 its name (recorded boots of 6.1 and 6.12). */
    private static String node(Cells s, int link) {
        String path = s.t.board.nodePath[s.t.links.supplierNode[link]];
        return s.t.policy.suppliers == SupplierProperties.Era.V6_1 ? path.substring(path.lastIndexOf('/') + 1) : path;
    }

    /**
     * The driver that asked: of those that ask for this, the one that registered last; each attempt writes its reason over the
     * one before (section 1.7).
     */
    private static String driverOf(Cells s, int device, int text) {
        String name = s.t.board.devices[device].bus();
        int best = -1;
        for (int r : s.t.driversOfDevice[device]) {
            int when = s.c[s.at.registered + r];
            if (when > best && asks(s, device, r, text)) {
                name = s.t.catalogue.driver(r).name();
                best = when;
            }
        }
        return name;
    }

    /** What live drivers answer is not known beforehand: any of them may have said it. */
    private static boolean asks(Cells s, int device, int driver, int text) {
        if ((text & STATIC) == 0) {
            return true;
        }
        for (Asking asking : s.t.askings[device]) {
            if (asking.text == (text & ~STATIC) && asking.by(driver)) {
                return true;
            }
        }
        return false;
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
