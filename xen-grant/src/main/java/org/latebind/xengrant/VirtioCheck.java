package org.latebind.xengrant;

import java.util.Objects;
import org.latebind.driver.Errno;

/**
 * What becomes of a virtio device when its features are checked under Xen (Linux 6.2 and later): with a backend that needs
 * grants it must offer VERSION_1 and ACCESS_PLATFORM, or its probe fails. Pure.
 */
final class VirtioCheck {

    /** Feature bit 32. */
    static final long VERSION_1 = 1L << 32;
    /** Feature bit 33: the device uses the platform's DMA addresses. */
    static final long ACCESS_PLATFORM = 1L << 33;

    private VirtioCheck() {
    }

    /** Outcome of the check. */
    sealed interface Outcome {
    }

    /** Grant operations for a backend. */
    record Grants(int domid) implements Outcome {
    }

    /** Plain DMA: nothing says that the backend is restricted. */
    record Plain(String why) implements Outcome {
    }

    /** The probe fails. */
    record Refused(Errno errno, String why) implements Outcome {

        Refused {
            Objects.requireNonNull(errno, "errno");
        }
    }

    /** Judges a device by its backend and the features it offers. */
    static Outcome check(BackendLookup.Answer backend, long features) {
        if (backend instanceof BackendLookup.NoBackend none) {
            // A cell that names no domain is a broken tree; passing guest addresses to whoever listens would be worse.
            return none.errno() == Errno.EINVAL ? new Refused(Errno.ENODEV, none.why()) : new Plain(none.why());
        }
        if ((features & VERSION_1) == 0) {
            return new Refused(Errno.ENODEV, "device must offer VIRTIO_F_VERSION_1");
        }
        if ((features & ACCESS_PLATFORM) == 0) {
            return new Refused(Errno.ENODEV, "device must offer VIRTIO_F_ACCESS_PLATFORM");
        }
        return new Grants(((BackendLookup.Backend) backend).domid());
    }
}
