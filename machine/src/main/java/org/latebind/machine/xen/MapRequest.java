package org.latebind.machine.xen;

/**
 * Argument of GNTTABOP_map_grant_ref.
 *
 * @param domid       owner of the page
 * @param ref         grant reference, unsigned
 * @param hostAddress where the page shall appear in the caller, a multiple of 4096
 * @param flags       bits {@link #DEVICE_MAP} to {@link #CONTAINS_PTE}
 */
public record MapRequest(int domid, int ref, long hostAddress, int flags) {

    /** Map for device access. */ public static final int DEVICE_MAP = 0x1;
    /** Map for the CPU. */ public static final int HOST_MAP = 0x2;
    /** Read only. */ public static final int READONLY = 0x4;
    /** The mapping is for user space. */ public static final int APPLICATION_MAP = 0x8;
    /** The address is that of a page-table entry. */ public static final int CONTAINS_PTE = 0x10;

    /** A CPU mapping, as every Arm backend asks for. */
    public static MapRequest host(int domid, int ref, long hostAddress, boolean readOnly) {
        return new MapRequest(domid, ref, hostAddress, HOST_MAP | (readOnly ? READONLY : 0));
    }

    boolean readOnly() {
        return (flags & READONLY) != 0;
    }

    /**
     * Result of a map.
     *
     * @param status           how it went; not null
     * @param handle           handle for the unmap, -1 on failure
     * @param deviceBusAddress machine address of the page, 0 on failure
     */
    public record Result(GrantStatus status, int handle, long deviceBusAddress) {

        static Result failed(GrantStatus status) {
            return new Result(status, -1, 0);
        }
    }
}
