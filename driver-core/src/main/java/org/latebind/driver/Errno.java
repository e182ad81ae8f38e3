package org.latebind.driver;

/** Error numbers by their Linux names and values; drivers and the core report failures with them. */
public enum Errno {
    /** Operation not permitted. */ EPERM(1),
    /** No such process; here: not attached. */ ESRCH(3),
    /** Input/output error. */ EIO(5),
    /** No such device or address. */ ENXIO(6),
    /** Argument list too long. */ E2BIG(7),
    /** Try again. */ EAGAIN(11),
    /** Out of memory. */ ENOMEM(12),
    /** Permission denied. */ EACCES(13),
    /** Bad address. */ EFAULT(14),
    /** Device or resource busy. */ EBUSY(16),
    /** Already there. */ EEXIST(17),
    /** No such device; from an IOMMU driver: "this device is not translated by me". */ ENODEV(19),
    /** Invalid argument. */ EINVAL(22),
    /** No space left. */ ENOSPC(28),
    /** Result out of range. */ ERANGE(34),
    /** Operation not supported. */ EOPNOTSUPP(95),
    /** Timed out. */ ETIMEDOUT(110),
    /** The probe is deferred. Never a driver's {@link Failed}: that is {@link Deferred}. */ EPROBE_DEFER(517);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /** Returns the positive error number. */
    public int number() {
        return number;
    }

    /**
     * Finds a constant by its number.
     *
     * @param number positive or negative error number
     * @return the constant, or null when the number has none
     */
    public static Errno of(int number) {
        int positive = Math.abs(number);
        for (Errno e : values()) {
            if (e.number == positive) {
                return e;
            }
        }
        return null;
    }
}
