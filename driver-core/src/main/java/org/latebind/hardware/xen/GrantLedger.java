package org.latebind.hardware.xen;

import java.util.List;
import java.util.Objects;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Grants that outlive their driver: what a backend still had mapped when the device, or the whole driver bundle, went away.
 * Kept by the core as plain data, so that neither the references nor the pages are used again before the backend lets go,
 * whichever version of the driver is there by then. Thread safe.
 */
@ProviderType
public interface GrantLedger {

    /** Adds entries. */
    void add(List<Leftover> leftovers);

    /** All entries, in the order they were added. */
    List<Leftover> leftovers();

    /** Removes exactly these entries; unknown ones are ignored. Returns those that were there, so that only one caller acts. */
    List<Leftover> remove(List<Leftover> leftovers);

    /**
     * A run of references of one allocation of which at least one was in use.
     *
     * @param device      path of the device it was made for, or {@value #UNKNOWN}; not null
     * @param firstRef    first reference of the run
     * @param count       references in the run, 1 or more
     * @param firstFrame  guest frame the first reference grants; the run grants {@code count} frames from there on
     * @param bufferBytes size of the coherent buffer at the first frame that goes back to the page allocator together with
     *                    the references; 0 when the pages belong to somebody else and are only held
     */
    record Leftover(String device, int firstRef, int count, long firstFrame, long bufferBytes) {

        /** Device of a grant nobody remembers. */
        public static final String UNKNOWN = "(unknown)";

        /** Checks the arguments. */
        public Leftover {
            Objects.requireNonNull(device, "device");
            if (firstRef < 0 || count < 1 || bufferBytes < 0) {
                throw new IllegalArgumentException("run of " + count + " references from " + firstRef + ", buffer of "
                        + bufferBytes + " bytes");
            }
        }
    }
}
