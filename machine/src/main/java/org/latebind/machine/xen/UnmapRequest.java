package org.latebind.machine.xen;

/**
 * Argument of GNTTABOP_unmap_grant_ref. An address of 0 leaves that kind of mapping alone; both 0 change nothing.
 *
 * @param hostAddress      address of the CPU mapping, or 0
 * @param deviceBusAddress machine address of the device mapping, or 0
 * @param handle           from the map
 */
public record UnmapRequest(long hostAddress, long deviceBusAddress, int handle) {

    /** Undoes a CPU mapping. */
    public static UnmapRequest host(long hostAddress, int handle) {
        return new UnmapRequest(hostAddress, 0, handle);
    }
}
