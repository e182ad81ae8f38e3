package org.latebind.machine.xen;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntBinaryOperator;
import java.util.function.IntFunction;

/** Mapping and unmapping of granted pages, with Xen's checks in Xen's order. Runs under the hypervisor's lock. */
final class GrantMapping {

    private static final int PTE_KINDS = MapRequest.DEVICE_MAP | MapRequest.APPLICATION_MAP | MapRequest.CONTAINS_PTE;
    private static final int MAP_KINDS = MapRequest.HOST_MAP | MapRequest.DEVICE_MAP;

    private final IntFunction<XenDomain> domains;
    private final GrantPins pins;
    private final BiConsumer<XenDomain, String> crash;

    GrantMapping(IntFunction<XenDomain> domains, GrantPins pins, BiConsumer<XenDomain, String> crash) {
        this.domains = domains;
        this.pins = pins;
        this.crash = crash;
    }

    MapRequest.Result map(XenDomain caller, MapRequest request, IntBinaryOperator policy) {
        if ((request.flags() & MAP_KINDS) == 0) {
            return MapRequest.Result.failed(GrantStatus.BAD_GNTREF);
        }
        if ((request.flags() & PTE_KINDS) != 0) {
            return MapRequest.Result.failed(GrantStatus.GENERAL_ERROR);
        }
        XenDomain owner = domains.apply(request.domid());
        if (owner == null) {
            return MapRequest.Result.failed(GrantStatus.BAD_DOMAIN);
        }
        if (policy.applyAsInt(caller.domid(), owner.domid()) != 0) {
            return MapRequest.Result.failed(GrantStatus.PERMISSION_DENIED);
        }
        int handle = caller.dying ? -1 : caller.maptrack.take();
        if (handle < 0) {
            return MapRequest.Result.failed(caller.dying ? GrantStatus.GENERAL_ERROR : GrantStatus.NO_SPACE);
        }
        GrantStatus status = pins.pinForMapping(caller, owner, request.ref(), request.readOnly());
        if (status != GrantStatus.OKAY) {
            caller.maptrack.put(handle);
            return MapRequest.Result.failed(status);
        }
        long frame = owner.table.active(request.ref()).frame;
        if (!enter(caller, request, frame)) {
            pins.unpin(owner, request.ref(), request.readOnly());
            caller.maptrack.put(handle);
            return MapRequest.Result.failed(GrantStatus.GENERAL_ERROR);
        }
        caller.maptrack.set(handle, owner.domid(), request.ref(), request.flags());
        return new MapRequest.Result(GrantStatus.OKAY, handle, frame << 12);
    }

    /** Checks 13 and 14: the P2M entry, and for a direct-mapped domain its IOMMU's. */
    private static boolean enter(XenDomain caller, MapRequest request, long frame) {
        long at = request.hostAddress() >>> 12;
        if ((request.hostAddress() & 4095) != 0 || !caller.physmap.insert(at, frame, request.readOnly())) {
            return false;
        }
        if (caller.identity != null && !caller.identity.map(frame, request.readOnly())) {
            caller.physmap.remove(at);
            caller.physmap.flush();
            return false;
        }
        return true;
    }

    /** Unmaps one batch: entries first, then one flush, then the pins. */
    List<GrantStatus> unmapBatch(XenDomain caller, List<UnmapRequest> requests) {
        List<GrantStatus> statuses = new ArrayList<>(requests.size());
        List<Integer> removed = new ArrayList<>(requests.size());
        for (UnmapRequest request : requests) {
            statuses.add(clearEntry(caller, request, removed));
        }
        caller.physmap.flush();
        removed.forEach(handle -> complete(caller, handle));
        return statuses;
    }

    private GrantStatus clearEntry(XenDomain caller, UnmapRequest request, List<Integer> removed) {
        int flags = caller.maptrack.flags(request.handle());
        if ((flags & MAP_KINDS) == 0) {
            return GrantStatus.BAD_HANDLE;
        }
        int ref = caller.maptrack.ref(request.handle());
        XenDomain owner = domains.apply(caller.maptrack.domid(request.handle()));
        ActiveEntry entry = owner == null || owner.table == null ? null : owner.table.pinned(ref);
        if (entry == null) {
            crash.accept(caller, "handle " + request.handle() + " leads to a grant that is gone");
            return GrantStatus.BAD_HANDLE;
        }
        if (request.deviceBusAddress() != 0 && request.deviceBusAddress() != entry.frame << 12) {
            return GrantStatus.BAD_DEV_ADDR;
        }
        if (request.hostAddress() == 0) {
            // Device mappings do not exist on Arm, so an unmap without a host address leaves everything as it is (XSA-224).
            return GrantStatus.OKAY;
        }
        long at = request.hostAddress() >>> 12;
        // Xen compares the frame. The access has to be the handle's too: a domain with a writable and a read-only mapping of one
        // page could otherwise give the writable handle back with the other's address and keep a writable entry.
        if (!caller.physmap.isForeign(at) || caller.physmap.descriptor(at)
                != GuestPhysmap.grantDescriptor(entry.frame, (flags & MapRequest.READONLY) != 0)) {
            return GrantStatus.GENERAL_ERROR;
        }
        caller.physmap.remove(at);
        caller.maptrack.clearFlags(request.handle(), MAP_KINDS);
        removed.add(request.handle());
        return GrantStatus.OKAY;
    }

    private void complete(XenDomain caller, int handle) {
        int ref = caller.maptrack.ref(handle);
        XenDomain owner = domains.apply(caller.maptrack.domid(handle));
        boolean readOnly = (caller.maptrack.flags(handle) & MapRequest.READONLY) != 0;
        if (caller.identity != null) {
            caller.identity.unmap(owner.table.active(ref).frame, readOnly);
        }
        pins.unpin(owner, ref, readOnly);
        caller.maptrack.put(handle);
    }

    /** Domain destruction: every mapping of a dying domain is released, whatever its P2M says. */
    void releaseAll(XenDomain domain) {
        for (int handle = 0; handle < domain.maptrack.bound(); handle++) {
            if ((domain.maptrack.flags(handle) & MAP_KINDS) != 0) {
                complete(domain, handle);
            }
        }
    }

    /** Tells whether a domain maps a foreign page at present. */
    boolean hasMapped(XenDomain domain, long frame) {
        for (int handle = 0; handle < domain.maptrack.bound(); handle++) {
            if ((domain.maptrack.flags(handle) & MAP_KINDS) != 0) {
                XenDomain owner = domains.apply(domain.maptrack.domid(handle));
                if (owner.table.active(domain.maptrack.ref(handle)).frame == frame) {
                    return true;
                }
            }
        }
        return false;
    }
}
