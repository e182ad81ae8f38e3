package org.latebind.hardware.xen;

import org.osgi.annotation.versioning.ProviderType;

/**
 * What a guest asks of Xen about its own grant table ({@code GNTTABOP_*} and {@code XENMEM_add_to_physmap}). A result of 0
 * or more is success, a negative one a Linux error number, as hypercalls return it. Thread safe; no call back.
 */
@ProviderType
public interface GrantCalls {

    /** The guest's own domain id, 0 to 0x7FEF. */
    int domid();

    /** Frames the table has now (query_size), 1 or more. */
    int frames();

    /** Frames the table may grow to (query_size). */
    int maxFrames();

    /**
     * Makes table frame {@code index} visible at a guest frame; the table grows when the frame did not exist.
     *
     * @param index      0 to {@link #maxFrames()} - 1
     * @param guestFrame guest frame number inside the hypervisor node's first window
     * @return 0, or negative: -22 beyond the maximum or outside the window, -12 no memory
     */
    int mapTableFrame(int index, long guestFrame);

    /** As {@link #mapTableFrame} for frame {@code index} of the version-2 status array; -22 while the table is version 1. */
    int mapStatusFrame(int index, long guestFrame);

    /** Version of the table, 1 or 2. */
    int version();

    /**
     * Asks for a version.
     *
     * @return 0, or negative: -38 on Arm for version 2 (XSA-268), -16 while entries beyond the reserved ones are in use
     */
    int setVersion(int version);
}
