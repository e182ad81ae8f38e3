package org.latebind.machine.xen;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.hardware.xen.BackendDomains;

/**
 * Backends that do what they are told. A domain comes into being when it is first told to map something; its mappings
 * appear from 2 GiB on, one page for each handle. Thread safe.
 */
final class PlayedBackends implements BackendDomains {

    private static final long FIRST_ADDRESS = 0x8000_0000L;
    private static final byte[] NOTHING = new byte[0];

    private final XenHypervisor xen;
    private final int guest;
    private final Map<Integer, TreeMap<Integer, Mapping>> mappings = new TreeMap<>();

    PlayedBackends(XenHypervisor xen, int guest) {
        this.xen = xen;
        this.guest = guest;
    }

    @Override
    public List<Integer> domids() {
        return xen.domids().stream().filter(domid -> domid != guest).toList();
    }

    @Override
    public synchronized List<Mapping> mappings(int domid) {
        return List.copyOf(mappings.getOrDefault(domid, new TreeMap<>()).values());
    }

    @Override
    public synchronized Answer map(int domid, int ref, boolean readOnly) {
        if (domid < 0 || domid >= DomainSpec.FIRST_RESERVED || domid == guest) {
            return answer(GrantStatus.BAD_DOMAIN, -1);
        }
        if (!xen.exists(domid)) {
            xen.create(DomainSpec.backend(domid));
        }
        TreeMap<Integer, Mapping> own = mappings.computeIfAbsent(domid, d -> new TreeMap<>());
        long address = FIRST_ADDRESS;
        for (Mapping taken : own.values()) {
            address = Math.max(address, taken.hostAddress() + 4096);
        }
        MapRequest.Result result = xen.map(domid, MapRequest.host(guest, ref, address, readOnly));
        if (result.status() == GrantStatus.OKAY) {
            own.put(result.handle(), new Mapping(result.handle(), ref, address, readOnly));
        }
        return answer(result.status(), result.handle());
    }

    @Override
    public synchronized Answer unmap(int domid, int handle) {
        Mapping mapping = find(domid, handle);
        if (mapping == null) {
            return answer(GrantStatus.BAD_HANDLE, -1);
        }
        GrantStatus status = xen.unmap(domid, UnmapRequest.host(mapping.hostAddress(), handle));
        if (status == GrantStatus.OKAY) {
            mappings.get(domid).remove(handle);
        }
        return answer(status, -1);
    }

    @Override
    public synchronized Answer read(int domid, int handle, int offset, int lengthBytes) {
        byte[] into = new byte[Math.max(0, Math.min(lengthBytes, 4096))];
        return access(domid, handle, offset, lengthBytes, into, false);
    }

    @Override
    public synchronized Answer write(int domid, int handle, int offset, byte[] data) {
        return access(domid, handle, offset, data.length, data, true);
    }

    private Answer access(int domid, int handle, int offset, int length, byte[] data, boolean write) {
        Mapping mapping = find(domid, handle);
        if (mapping == null) {
            return answer(GrantStatus.BAD_HANDLE, -1);
        }
        if (offset < 0 || length < 0 || offset > 4096 - length) {
            return new Answer(GrantStatus.BAD_VIRT_ADDR.code(), -1, NOTHING, "bytes " + offset + " to "
                    + ((long) offset + length - 1) + " are not within the page");
        }
        long address = mapping.hostAddress() + offset;
        String fault = write ? xen.write(domid, address, data) : xen.read(domid, address, data);
        return fault == null ? new Answer(0, -1, write ? NOTHING : data, "okay")
                : new Answer(GrantStatus.BAD_VIRT_ADDR.code(), -1, NOTHING, fault);
    }

    /** Where a mapping appears in its domain. */
    synchronized long addressOf(int domid, int handle) {
        return mappings.get(domid).get(handle).hostAddress();
    }

    private Mapping find(int domid, int handle) {
        return mappings.containsKey(domid) ? mappings.get(domid).get(handle) : null;
    }

    private static Answer answer(GrantStatus status, int handle) {
        return new Answer(status.code(), status == GrantStatus.OKAY ? handle : -1, NOTHING, status.text());
    }
}
