package org.latebind.probe;

/**
 * Where everything stands in the cells of a state: one array of ints, so that copying, comparing and hashing are single sweeps.
 * Fields of devices are arrays of their own within it ({@code cells[DRIVER + device]}).
 */
final class Layout {

    static final int NOW_LOW = 0;
    static final int NOW_HIGH = 1;
    /** Time the timer is due, both -1 when it is not armed. */
    static final int DUE_LOW = 2;
    static final int DUE_HIGH = 3;
    /** Present value of the timeout, in seconds. */
    static final int TIMEOUT = 4;
    static final int FLAGS = 5;
    static final int TRIGGERS = 6;
    static final int REGISTRATIONS = 7;
    static final int ADDITIONS = 8;
    /** Driver whose ops the buses have, plus one, where only one may. */
    static final int BUS_OPS = 9;
    static final int LEGACY_MODE = 10;
    static final int GROUP_HINT = 11;
    /** Buses whose devices were not added in the order of their numbers. */
    static final int DISTURBED = 12;
    static final int REARMED_LOW = 13;
    static final int REARMED_HIGH = 14;
    /** The awaited action: kind, device, driver or IOMMU. */
    static final int AWAIT = 15;
    static final int AWAIT_DEVICE = 16;
    static final int AWAIT_OTHER = 17;
    static final int GLOBALS = 18;

    static final int F_ENABLED = 1;
    static final int F_INITCALLS_DONE = 2;
    static final int F_RUNNING = 4;
    static final int F_DEFER_ALL = 8;
    static final int F_REGISTRATION_DONE = 16;
    static final int F_BOOTED = 32;
    static final int F_PANIC = 64;
    static final int F_LATE_INIT = 128;
    /** Xen boots on without its IOMMUs. */
    static final int F_NO_IOMMU = 256;

    static final int D_PRESENT = 1;
    static final int D_CAN_MATCH = 2;
    static final int D_GROUPED = 4;
    static final int D_IDENTITY = 8;
    static final int D_FORCED_OFF = 16;
    static final int D_FAILED = 32;
    static final int D_PROBING = 64;
    static final int D_UNBINDING = 128;
    /** IOMMU looked up at creation and found (old kernels). */
    static final int D_SPEC = 256;
    static final int D_QUEUED_ASYNC = 512;
    static final int D_SYNCED = 1024;
    static final int D_LINKED = 2048;
    /** Stands on its driver's list of devices. */
    static final int D_ON_DRIVER = 4096;

    static final int P_LIVE = 1;
    /** The hardware aborts streams nobody attached. */
    static final int P_ABORTS = 2;
    /** Registered, but the buses belong to another driver. */
    static final int P_SHADOWED = 4;
    static final int P_EVER = 8;

    final int driver;
    final int flags;
    final int reason;
    final int cause;
    final int next;
    final int prev;
    final int added;
    final int group;
    final int extra;
    final int attachedTo;
    final int registered;
    final int loaded;
    final int iommuFlags;
    final int iommuDriver;
    final int iommuClients;
    final int linkBits;
    final int groupUsed;
    final int groupMembers;
    final int partitionGroup;
    final int busLast;
    /** See {@link StreamEntries#cell}. */
    final int streamEntries;
    final int size;
    /**
     * Sentinels in the fields next and prev: of the two deferred lists, and of the devices of each driver in bind order
     * ({@code bound + driver}). A bound device stands on its driver's list and on no other, so the lists share the fields.
     */
    final int pending;
    final int active;
    final int bound;

    Layout(Tables t) {
        int d = t.deviceCount;
        int at = GLOBALS;
        driver = at;
        flags = at += d;
        reason = at += d;
        cause = at += d;
        next = at += d;
        prev = at += d + 2 + t.driverCount;
        added = at += d + 2 + t.driverCount;
        group = at += d;
        extra = at += d;
        attachedTo = at += t.lateNamed;
        registered = at += d;
        loaded = at += t.driverCount;
        iommuFlags = at += t.moduleCount;
        iommuDriver = at += t.iommuCount;
        iommuClients = at += t.iommuCount;
        linkBits = at += t.iommuCount;
        groupUsed = at += (t.links.size() + 15) >> 4;
        groupMembers = at += (d + 31) >> 5;
        partitionGroup = at += d;
        busLast = at += t.partitionCount;
        streamEntries = at += t.board.buses.size();
        size = at + t.streams.cellCount();
        pending = d;
        active = d + 1;
        bound = d + 2;
    }
}
