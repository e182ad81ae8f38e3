package org.latebind.probe;

import java.util.Arrays;

/**
 * Carries a state over into tables with more modules: fields of devices and IOMMUs keep their places, those of drivers and
 * modules grow.
 */
final class Adoption {

    private Adoption() {
    }

    static State adopt(State old, Tables t, State fresh) {
        if (old.t.board != t.board || old.frames.length > 0 || old.t.links.size() != t.links.size()
                || old.t.partitionCount != t.partitionCount) {
            throw new IllegalArgumentException("the state does not fit: another board, or unfinished work");
        }
        for (int m = 0; m < old.t.moduleCount; m++) {
            if (!old.t.catalogue.module(m).name().equals(t.catalogue.module(m).name())) {
                throw new IllegalArgumentException("module " + old.t.catalogue.module(m).name() + " is missing");
            }
        }
        int[] c = fresh.c.clone();
        Layout from = old.at;
        Layout to = t.layout;
        int d = t.deviceCount;
        copy(old.c, 0, c, 0, Layout.GLOBALS);
        // Heads of the drivers' lists stand behind those of the deferred lists; their numbers do not change, only more follow.
        int nodes = from.bound + old.t.driverCount;
        int[][] blocks = {{from.driver, to.driver, from.next - from.driver}, {from.next, to.next, nodes},
            {from.prev, to.prev, nodes}, {from.added, to.added, from.registered - from.added},
            {from.registered, to.registered, old.t.driverCount}, {from.loaded, to.loaded, old.t.moduleCount},
            {from.iommuFlags, to.iommuFlags, from.size - from.iommuFlags}};
        for (int[] b : blocks) {
            copy(old.c, b[0], c, b[1], b[2]);
        }
        for (int device = 0; device < d; device++) {
            renumber(old, t, c, to.reason + device);
            renumber(old, t, c, to.cause + device);
        }
        return new State(t, c, State.NO_FRAMES, Arrays.copyOf(old.async, old.async.length), old.texts, old.rare);
    }

    private static void renumber(State old, Tables t, int[] c, int cell) {
        int index = Cause.argument(c[cell]);
        Cause kind = Cause.kind(c[cell]);
        if ((kind == Cause.DRIVER_DEFERRED || kind == Cause.REPROBE_LOOP) && (index & Texts.STATIC) != 0) {
            c[cell] = kind.with(t.staticTexts.get(Texts.text(old, index)) | Texts.STATIC);
        }
    }

    private static void copy(int[] from, int at, int[] to, int target, int length) {
        System.arraycopy(from, at, to, target, length);
    }
}
