package org.latebind.iommu.core;

import org.latebind.driver.Errno;

/** A driver broke its contract: it threw, or never answered. Checked, so that no caller forgets to contain it. */
public final class DriverMisbehavedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String driver;
    private final Errno errno;

    /**
     * Reports a broken contract.
     *
     * @param driver name of the driver; not null
     * @param errno  what the call counts as; not null
     * @param text   one line that names driver and call; not null
     * @param cause  what the driver threw, or null
     */
    public DriverMisbehavedException(String driver, Errno errno, String text, Throwable cause) {
        super(text, cause);
        this.driver = driver;
        this.errno = errno;
    }

    /** Name of the driver. */
    public String driver() {
        return driver;
    }

    /** What the call counts as. */
    public Errno errno() {
        return errno;
    }
}
