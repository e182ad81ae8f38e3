package org.latebind.probe;

import java.util.List;

/** Reading side of a state: the cells and what they mean. */
abstract class Cells implements StateView {

    final Tables t;
    final Layout at;
    int[] c;
    List<String> texts;
    /** Injected failures, then overrides, by device; empty while nobody asked for either. Never changed in place. */
    int[] rare;

    Cells(Tables t, int[] c, List<String> texts, int[] rare) {
        this.rare = rare;
        this.t = t;
        this.at = t.layout;
        this.c = c;
        this.texts = texts;
    }

    final boolean is(int device, int flag) {
        return (c[at.flags + device] & flag) != 0;
    }

    final boolean global(int flag) {
        return (c[Layout.FLAGS] & flag) != 0;
    }

    final long wide(int low) {
        return (long) c[low + 1] << 32 | c[low] & 0xffffffffL;
    }

    final boolean listed(int device) {
        return c[at.next + device] >= 0 && !is(device, Layout.D_ON_DRIVER);
    }

    final int injected(int device) {
        return rare.length == 0 ? 0 : rare[device];
    }

    /** The only driver that may match, plus one; 0 for any. */
    final int override(int device) {
        return rare.length == 0 ? 0 : rare[t.deviceCount + device];
    }

    /** Number in the name of a device that is named when it appears, plus one. */
    final int lateName(int device) {
        int place = t.latePlace[device];
        return place < 0 ? 0 : c[at.extra + place];
    }

    /** Bound in the eyes of device links: the driver's probe is over and its remove has not begun. */
    final boolean held(int device) {
        return c[at.driver + device] >= 0 && (c[at.flags + device] & (Layout.D_PROBING | Layout.D_UNBINDING)) == 0;
    }

    final boolean linkRelaxed(int link) {
        return (c[at.linkBits + (link >> 4)] >>> ((link & 15) << 1) & 1) != 0;
    }

    final boolean linkMoved(int link) {
        return (c[at.linkBits + (link >> 4)] >>> ((link & 15) << 1) & 2) != 0;
    }

    /** The device whose driver the link waits for now, or -1 while it is only a node. */
    final int supplierOf(int link) {
        int s = t.links.supplier[link];
        return s >= 0 ? s : linkMoved(link) ? t.links.adopter[link] : -1;
    }

    final boolean anyDriverMatches(int device) {
        for (int r : t.driversOfDevice[device]) {
            if (c[at.registered + r] != 0 && allowed(device, r)) {
                return true;
            }
        }
        return false;
    }

    final boolean allowed(int device, int driver) {
        int only = override(device);
        return only == 0 || only == driver + 1;
    }

    @Override
    public Board board() {
        return t.board;
    }

    @Override
    public ModuleCatalogue catalogue() {
        return t.catalogue;
    }

    @Override
    public boolean present(int device) {
        return is(device, Layout.D_PRESENT);
    }

    @Override
    public int driver(int device) {
        return is(device, Layout.D_PROBING) ? -1 : c[at.driver + device];
    }

    @Override
    public int group(int device) {
        return is(device, Layout.D_GROUPED) ? c[at.group + device] : -1;
    }

    @Override
    public int attachedTo(int device) {
        return c[at.attachedTo + device] - 1;
    }

    @Override
    public boolean deferred(int device) {
        return listed(device);
    }

    @Override
    public Outcome outcome(int device) {
        if (!present(device)) {
            return Outcome.NO_DRIVER;
        }
        boolean grouped = is(device, Layout.D_GROUPED);
        if (driver(device) >= 0) {
            if (grouped && attachedTo(device) >= 0) {
                return is(device, Layout.D_IDENTITY) ? Outcome.BOUND_IDENTITY : Outcome.BOUND_TRANSLATED;
            }
            return aborted(device) ? Outcome.BOUND_BLOCKED : Outcome.BOUND_DIRECT;
        }
        if (listed(device)) {
            return Outcome.PENDING;
        }
        boolean matches = anyDriverMatches(device);
        if (is(device, Layout.D_FORCED_OFF) && matches) {
            return Outcome.FORCED_OFF;
        }
        if (grouped) {
            return Outcome.GROUPED_UNBOUND;
        }
        return is(device, Layout.D_FAILED) && matches ? Outcome.FAILED : Outcome.NO_DRIVER;
    }

    /** Whether the hardware of one of the device's IOMMUs aborts it. */
    final boolean aborted(int device) {
        for (int p : t.iommusOf[device]) {
            if (p >= 0 && iommuAborts(p)) {
                return true;
            }
        }
        int legacy = t.board.devices[device].legacyIommu();
        return legacy >= 0 && iommuAborts(legacy);
    }

    @Override
    public boolean stateSynced(int device) {
        return is(device, Layout.D_SYNCED);
    }

    @Override
    public String deviceName(int device) {
        BoardDevice d = t.board.devices[device];
        return d.namedLate() && present(device) ? d.name() + (lateName(device) - 1) : d.name();
    }

    @Override
    public String reasonText(int device) {
        return Texts.ofReason(this, device, c[at.reason + device]);
    }

    @Override
    public int[] deferredList() {
        int count = 0;
        for (int list = at.pending; list <= at.active; list++) {
            for (int d = c[at.next + list]; d != list; d = c[at.next + d]) {
                count++;
            }
        }
        int[] result = new int[count];
        count = 0;
        for (int list = at.active; list >= at.pending; list--) {
            for (int d = c[at.next + list]; d != list; d = c[at.next + d]) {
                result[count++] = d;
            }
        }
        return result;
    }

    @Override
    public boolean iommuLive(int iommu) {
        return (c[at.iommuFlags + iommu] & Layout.P_LIVE) != 0;
    }

    @Override
    public int driverOfIommu(int iommu) {
        return c[at.iommuDriver + iommu] - 1;
    }

    @Override
    public boolean iommuEverLive(int iommu) {
        return (c[at.iommuFlags + iommu] & Layout.P_EVER) != 0;
    }

    @Override
    public boolean iommuAborts(int iommu) {
        return (c[at.iommuFlags + iommu] & Layout.P_ABORTS) != 0;
    }

    @Override
    public boolean dmaWorks(int device) {
        return outcome(device).isBound() && outcome(device) != Outcome.BOUND_BLOCKED;
    }

    @Override
    public boolean loaded(int module) {
        return c[at.loaded + module] != 0;
    }

    @Override
    public boolean registered(int driver) {
        return c[at.registered + driver] != 0;
    }

    @Override
    public long nowMicros() {
        return wide(Layout.NOW_LOW);
    }

    @Override
    public long timerDueMicros() {
        return wide(Layout.DUE_LOW);
    }

    @Override
    public long timerArmedMicros() {
        return wide(Layout.REARMED_LOW);
    }

    @Override
    public int timeoutSeconds() {
        return c[Layout.TIMEOUT];
    }

    @Override
    public boolean lateInitDone() {
        return global(Layout.F_INITCALLS_DONE);
    }

    @Override
    public boolean panicked() {
        return global(Layout.F_PANIC);
    }

    @Override
    public boolean withoutIommu() {
        return global(Layout.F_NO_IOMMU);
    }
}
