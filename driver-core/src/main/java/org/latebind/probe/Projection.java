package org.latebind.probe;

import java.util.Arrays;

/** Carries a booted state over into tables of a part of the machine. What nobody reads there stays 0. */
final class Projection {

    private final State whole;
    private final Tables t;
    private final int[] devices;
    private final int[] iommus;
    private final int[] modules;
    private final int[] drivers;
    private final int[] links;
    private final Work w;

    Projection(State whole, Tables t, int[] devices, int[] iommus, int[] modules, int[] drivers, int[] links) {
        this.whole = whole;
        this.t = t;
        this.devices = devices;
        this.iommus = iommus;
        this.modules = modules;
        this.drivers = drivers;
        this.links = links;
        this.w = new Work(t);
    }

    /** An empty machine of these tables: lists are empty, nothing is present. */
    static void clear(Tables t, int[] c) {
        Layout at = t.layout;
        Arrays.fill(c, 0);
        Arrays.fill(c, at.driver, at.driver + t.deviceCount, -1);
        Arrays.fill(c, at.next, at.next + t.deviceCount, -1);
        Arrays.fill(c, at.prev, at.prev + t.deviceCount, -1);
        for (int list = at.pending; list < at.bound + t.driverCount; list++) {
            c[at.next + list] = list;
            c[at.prev + list] = list;
        }
        c[Layout.DUE_LOW] = -1;
        c[Layout.DUE_HIGH] = -1;
        c[Layout.REARMED_LOW] = -1;
        c[Layout.REARMED_HIGH] = -1;
    }

    int[] cells() {
        clear(t, w.c);
        Layout at = t.layout;
        Layout from = whole.at;
        w.c[Layout.FLAGS] = whole.c[Layout.FLAGS];
        w.c[Layout.TIMEOUT] = whole.c[Layout.TIMEOUT];
        w.c[Layout.LEGACY_MODE] = whole.c[Layout.LEGACY_MODE];
        int[] driver = Board.inverse(drivers, whole.t.driverCount);
        int[] device = Board.inverse(devices, whole.t.deviceCount);
        int owner = whole.c[Layout.BUS_OPS];
        w.c[Layout.BUS_OPS] = owner == 0 ? 0 : driver[owner - 1] + 1;
        w.c[Layout.DISTURBED] = whole.c[Layout.DISTURBED];
        w.c[Layout.ADDITIONS] = whole.c[Layout.ADDITIONS];
        w.c[Layout.REGISTRATIONS] = whole.c[Layout.REGISTRATIONS];
        System.arraycopy(whole.c, Layout.DUE_LOW, w.c, Layout.DUE_LOW, 2);
        for (int m = 0; m < modules.length; m++) {
            w.c[at.loaded + m] = whole.c[from.loaded + modules[m]];
        }
        for (int r = 0; r < drivers.length; r++) {
            w.c[at.registered + r] = whole.c[from.registered + drivers[r]];
        }
        for (int p = 0; p < iommus.length; p++) {
            w.c[at.iommuFlags + p] = whole.c[from.iommuFlags + iommus[p]];
            int of = whole.c[from.iommuDriver + iommus[p]];
            w.c[at.iommuDriver + p] = of == 0 ? 0 : driver[of - 1] + 1;
        }
        for (int l = 0; l < links.length; l++) {
            w.c[at.linkBits + (l >> 4)] |= (whole.c[from.linkBits + (links[l] >> 4)] >>> ((links[l] & 15) << 1) & 3)
                << ((l & 15) << 1);
        }
        for (int d = 0; d < devices.length; d++) {
            device(d, devices[d], driver);
        }
        for (int r = 0; r < drivers.length; r++) {
            int head = from.bound + drivers[r];
            for (int x = whole.c[from.next + head]; x != head; x = whole.c[from.next + x]) {
                if (device[x] >= 0) {
                    w.addToDriver(device[x], r);
                }
            }
        }
        for (int x : whole.deferredList()) {
            if (device[x] >= 0) {
                w.append(at.pending, device[x]);
            }
        }
        return w.c;
    }

    private void device(int d, int x, int[] driver) {
        Layout at = t.layout;
        Layout from = whole.at;
        w.c[at.flags + d] = whole.c[from.flags + x] & ~(Layout.D_GROUPED | Layout.D_IDENTITY
            | Layout.D_SYNCED | Layout.D_ON_DRIVER);
        w.c[at.added + d] = whole.c[from.added + x];
        int held = whole.c[from.driver + x];
        w.c[at.driver + d] = held < 0 ? -1 : driver[held];
        int bus = t.board.busOfDevice[d];
        w.c[at.busLast + bus] = Math.max(w.c[at.busLast + bus], d);
        if (whole.is(x, Layout.D_GROUPED)) {
            int p = Arrays.binarySearch(iommus, whole.attachedTo(x));
            if (p >= 0) {
                Groups.join(w, d, p, new AttachAnswer.Attached(whole.is(x, Layout.D_IDENTITY), sharesWith(d, x)));
                for (int i = 0; i < t.streams.streamCount(d); i++) {
                    w.c[t.streams.cell(at, d, i)] = whole.c[whole.t.streams.cell(from, x, i)];
                }
            }
        }
    }

    private int sharesWith(int d, int x) {
        if (!t.streams.tied(d)) {
            return AttachAnswer.BY_TABLE;
        }
        for (int other : t.streams.members(d)) {
            if (other < d && w.is(other, Layout.D_GROUPED) && whole.group(devices[other]) == whole.group(x)) {
                return other;
            }
        }
        return AttachAnswer.ALONE;
    }
}
