package org.latebind.iommu.core;

import java.util.concurrent.Callable;

/** Runs driver code so that an exception or a hang stays with the driver that caused it. */
@FunctionalInterface
public interface DriverCall {

    /**
     * Runs one call into a driver.
     *
     * @param driver name of the driver, for reports; not null
     * @param what   the call, for reports, for example {@code "attach"}; not null
     * @param call   the call; not null
     * @return what the driver answered, possibly null
     * @throws DriverMisbehavedException when it threw, or did not answer in time
     */
    <T> T ask(String driver, String what, Callable<T> call) throws DriverMisbehavedException;
}
