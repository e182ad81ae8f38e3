package org.latebind.machine.xen;

import java.util.Objects;

/**
 * Argument of GNTTABOP_copy.
 *
 * @param source      where from; not null
 * @param destination where to; not null
 * @param lengthBytes 0 to 4096
 */
public record CopyRequest(Side source, Side destination, int lengthBytes) {

    /** Checks the arguments. */
    public CopyRequest {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(destination, "destination");
    }

    /**
     * One side of a copy.
     *
     * @param domid   owner of the page
     * @param granted whether {@code page} is a grant reference; otherwise it is a frame of the caller itself
     * @param page    grant reference or frame number
     * @param offset  first byte within the page
     */
    public record Side(int domid, boolean granted, long page, int offset) {

        /** A page granted by another domain. */
        public static Side grant(int domid, int ref, int offset) {
            return new Side(domid, true, Integer.toUnsignedLong(ref), offset);
        }

        /** A page of the caller. */
        public static Side own(int domid, long frame, int offset) {
            return new Side(domid, false, frame, offset);
        }
    }
}
