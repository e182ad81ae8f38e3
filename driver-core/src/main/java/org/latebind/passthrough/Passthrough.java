package org.latebind.passthrough;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Guests and their devices: what a toolstack asks of Xen. A service while the core plays Xen (policy {@code xen}). Thread
 * safe. Refusals are results, never exceptions.
 */
@ProviderType
public interface Passthrough {

    /**
     * Creates a guest with zeroed memory from guest address 0x40000000 on.
     *
     * @param domid       1 to 0x7FEF, not in use
     * @param memoryBytes size, rounded up to 4096
     */
    PassthroughResult create(int domid, long memoryBytes);

    /**
     * Builds the hardware domain, number 0: the board's memory under its own addresses, and every protected device that
     * the tree does not set aside ({@code xen,passthrough}). A toolstack takes devices from it before it assigns them.
     * It lives until the board goes.
     */
    PassthroughResult createHardwareDomain();

    /** Assigns a device of the tree to a domain (domctl assign_device). */
    PassthroughResult assign(int domid, String devicePath);

    /** Tells whether a device could be assigned: -EINVAL when it is assigned already (domctl test_assign_device). */
    PassthroughResult testAssign(String devicePath);

    /** Takes a device from a domain; it then belongs to nobody (domctl deassign_device). */
    PassthroughResult deassign(int domid, String devicePath);

    /** Destroys a guest and creates it again with the same memory size and devices; memory starts as zeroes. */
    PassthroughResult reboot(int domid);

    /** Destroys a guest: devices first, then memory, then its context, last its table. */
    PassthroughResult destroy(int domid);

    /** All domains by id. */
    List<Status> list();

    /** Translates guest addresses; one line for each page asked for. */
    List<Mapping> p2m(int domid, long guestAddress, int pages);

    /**
     * A domain.
     *
     * @param domid       its id
     * @param memoryBytes its memory
     * @param p2mRoot     machine address of its table's root
     * @param ipaBits     width of its addresses
     * @param hardware    what it holds in the IOMMU, in words; not null
     * @param devices     paths of its devices, last assigned first
     */
    record Status(int domid, long memoryBytes, long p2mRoot, int ipaBits, String hardware, List<String> devices) {

        /** Copies the list. */
        public Status {
            devices = List.copyOf(devices);
        }
    }

    /**
     * One page of a P2M.
     *
     * @param guestAddress   page asked for
     * @param machineAddress where it lies, 0 when it is not mapped
     * @param entry          the descriptor, 0 when it is not mapped
     * @param type           Xen's name of the type; not null
     */
    record Mapping(long guestAddress, long machineAddress, long entry, String type) {
    }
}
