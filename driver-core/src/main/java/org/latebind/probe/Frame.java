package org.latebind.probe;

/** Kinds of unfinished work on the engine's stack. */
final class Frame {
    /** Device, driver, trigger count, phase, 1 = by hand. */
    static final int PROBE = 1;
    /** Device, last registration tried, pass (1 synchronous, 2 asynchronous, 3 by hand), running. */
    static final int ATTACH = 2;
    /** Driver, place, last addition, running, module load to finish afterwards. */
    static final int WALK = 3;
    /** Module, place. */
    static final int LOAD = 4;
    /** Place in the boot order. */
    static final int BOOT = 5;
    /** Worker runs until nothing is active. */
    static final int FLUSH = 6;
    /** Phase. */
    static final int LATE_INIT = 7;
    /** Phase. */
    static final int EXPIRE = 8;
    /** Two halves of the time. */
    static final int ADVANCE = 9;
    /** Device, phase, supplier that went plus one, place, 1 = for good (device removal). */
    static final int UNBIND = 10;
    /** Device, phase. */
    static final int REMOVE = 11;
    /** Device, place. */
    static final int CHILDREN = 12;
    /** Device, phase. */
    static final int ADD = 13;
    /** IOMMU, place, device being attached plus one, its driver's device. */
    static final int REGISTER = 14;
    /** Module, place, phase. */
    static final int UNLOAD = 15;
    /** Driver. */
    static final int UNREGISTER = 16;
    /** Phase, place. */
    static final int XEN = 17;
    /** Device. */
    static final int MANUAL = 18;
    /** All devices appear at the start; place. */
    static final int CREATE = 19;
    /** IOMMU that failed to register, place. */
    static final int ROLLBACK = 20;
    /** Place. */
    static final int LEGACY_SYNC = 21;
    /** Asynchronous probes run until none is left. */
    static final int ASYNC = 22;

    private Frame() {
    }
}
