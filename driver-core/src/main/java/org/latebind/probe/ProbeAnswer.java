package org.latebind.probe;

import java.util.Objects;
import org.latebind.driver.Errno;

/** How a driver's probe went: the answer to {@link Action.Probe}. */
public sealed interface ProbeAnswer {

    /**
     * The driver holds the device.
     *
     * @param iommu           whether the device is an IOMMU that wants to be registered now
     * @param unattached      what that IOMMU does with streams nobody attached; not null
     * @param createsChildren whether the probe brought up the devices that wait for this one (PCI functions of a host,
     *                        the virtio device of a transport)
     */
    record Bound(boolean iommu, Unattached unattached, boolean createsChildren) implements ProbeAnswer {
        /** Checks. */
        public Bound {
            Objects.requireNonNull(unattached, "unattached");
        }
    }

    /**
     * The driver has to wait.
     *
     * @param supplier what for: a device path, a property, a name; not null
     * @param reason   the text of the deferred list, without the driver's name; empty for none; not null
     */
    record Deferred(String supplier, String reason) implements ProbeAnswer {
        /** Checks. */
        public Deferred {
            Objects.requireNonNull(supplier, "supplier");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * The probe failed for good.
     *
     * @param errno positive error number
     * @param text  one line for people; not null
     */
    record Failed(int errno, String text) implements ProbeAnswer {
        /** Checks. */
        public Failed {
            Objects.requireNonNull(text, "text");
            if (errno <= 0 || errno == Errno.EPROBE_DEFER.number()) {
                throw new IllegalArgumentException("not the error number of a failure: " + errno);
            }
        }
    }

    /** A plain bind. */
    ProbeAnswer BOUND = new Bound(false, Unattached.BYPASS, false);
}
