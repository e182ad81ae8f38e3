package org.latebind.machine.xen;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.IntBinaryOperator;
import java.util.function.Supplier;
import org.latebind.hardware.Finding;
import org.latebind.hardware.PhysicalMemory;

/**
 * Xen's side of grant tables: domains, and what they may do with each other's pages (Xen public header
 * {@code grant_table.h}, Arm: every domain is translated by a P2M of its own).
 *
 * <p>Calls come from any thread and are serialised by one lock, which is a parameter so that a test can choose the order.
 * The owner of a table does not take it: it changes its entries in memory at any time, and Xen copes.
 */
public final class XenHypervisor {

    /** TLB flushes cover this many unmaps of a batch; pins drop only after the flush. */
    static final int UNMAP_BATCH = 32;

    private final PhysicalMemory memory;
    private final Lock lock;
    private final Consumer<Finding> findings;
    private final boolean versionTwoAllowed;
    private final TreeMap<Integer, XenDomain> domains = new TreeMap<>();
    private final GrantPins pins = new GrantPins(domains::get, this::crash);
    private final GrantMapping mapping = new GrantMapping(domains::get, pins, this::crash);
    private final GrantCopying copying;
    private IntBinaryOperator policy = (caller, owner) -> 0;

    /**
     * Starts without domains.
     *
     * @param memory            all memory there is; domains own parts of it
     * @param lock              serialises calls
     * @param versionTwoAllowed false on Arm, where tables of version 2 are refused (XSA-268)
     * @param findings          receives what a domain did to be stopped
     */
    public XenHypervisor(PhysicalMemory memory, Lock lock, boolean versionTwoAllowed, Consumer<Finding> findings) {
        this.memory = memory;
        this.lock = lock;
        this.versionTwoAllowed = versionTwoAllowed;
        this.findings = findings;
        this.copying = new GrantCopying(memory, domains::get, pins);
    }

    /**
     * Installs a security policy.
     *
     * @param newPolicy for caller and owner: 0 to allow, anything else to answer permission_denied
     */
    public void setPolicy(IntBinaryOperator newPolicy) {
        locked(() -> policy = newPolicy);
    }

    /** Creates a domain; false when the id is taken, by a domain on its way out too. */
    public boolean create(DomainSpec spec) {
        return locked(() -> domains.putIfAbsent(spec.domid(), new XenDomain(spec, memory)) == null);
    }

    /** Tells whether a domain exists; one that waits for others to let go of its pages still does. */
    public boolean exists(int domid) {
        return locked(() -> domains.containsKey(domid));
    }

    /** Ids of all domains, ascending. */
    public List<Integer> domids() {
        return locked(() -> List.copyOf(domains.keySet()));
    }

    /** Why Xen stopped a domain, or null. */
    public String crashed(int domid) {
        return locked(() -> domains.containsKey(domid) ? domains.get(domid).crashed : null);
    }

    /**
     * Ends a domain: everything it maps is released first, then its P2M is emptied. Its own pages stay allocated, and the
     * domain stays listed, until the last foreign mapping of them is gone.
     */
    public void destroy(int domid) {
        locked(() -> {
            XenDomain domain = domains.get(domid);
            if (domain != null) {
                domain.dying = true;
                mapping.releaseAll(domain);
                domain.physmap.removeAll();
                reap();
            }
            return null;
        });
    }

    private void reap() {
        domains.values().removeIf(d -> d.dying && !pins.anyReferenceIn(d));
    }

    private void crash(XenDomain domain, String why) {
        if (domain.crashed == null) {
            domain.crashed = why;
            findings.accept(new Finding("xen-domain-crashed", "domain " + domain.domid(), why));
        }
    }

    /** GNTTABOP_map_grant_ref for one request. */
    public MapRequest.Result map(int caller, MapRequest request) {
        return locked(() -> mapping.map(domain(caller), request, policy));
    }

    /** GNTTABOP_unmap_grant_ref for one request. */
    public GrantStatus unmap(int caller, UnmapRequest request) {
        return unmapAll(caller, List.of(request)).get(0);
    }

    /** GNTTABOP_unmap_grant_ref for many requests: each has its own status, the TLB is flushed once for every 32. */
    public List<GrantStatus> unmapAll(int caller, List<UnmapRequest> requests) {
        return locked(() -> {
            List<GrantStatus> statuses = new ArrayList<>(requests.size());
            for (int i = 0; i < requests.size(); i += UNMAP_BATCH) {
                int end = Math.min(requests.size(), i + UNMAP_BATCH);
                statuses.addAll(mapping.unmapBatch(domain(caller), requests.subList(i, end)));
            }
            reap();
            return statuses;
        });
    }

    /** GNTTABOP_copy for one request. */
    public GrantStatus copy(int caller, CopyRequest request) {
        return locked(() -> copying.copy(domain(caller), request));
    }

    /**
     * GNTTABOP_setup_table.
     *
     * @return null for a call that is faulty as a whole, else the status
     */
    public GrantStatus setupTable(int caller, int frames) {
        return locked(() -> {
            SharedTable table = domain(caller).table;
            if (table == null || frames < 0 || frames > table.maxFrames()) {
                return GrantStatus.GENERAL_ERROR;
            }
            table.grow(frames);
            return GrantStatus.OKAY;
        });
    }

    /** XENMEM_add_to_physmap for frame {@code index} of the caller's table (or status array); 0 or a negative errno. */
    public int addToPhysmap(int caller, int index, boolean status, long guestFrame) {
        return locked(() -> {
            SharedTable table = domain(caller).table;
            if (table == null || index < 0 || index >= (status ? table.statusFrames() : table.maxFrames())) {
                return XenErrors.EINVAL;
            }
            long place = status ? table.placeOfStatus(index) : table.placeOf(index);
            if (guestFrame != place) {
                return XenErrors.EINVAL;
            }
            if (!status) {
                table.grow(index + 1);
            }
            return 0;
        });
    }

    /** GNTTABOP_query_size: frames the caller's table has, or -1 without one. */
    public int frames(int caller) {
        return locked(() -> domain(caller).table == null ? -1 : domain(caller).table.frames());
    }

    /** GNTTABOP_query_size: frames the caller's table may have, or -1 without one. */
    public int maxFrames(int caller) {
        return locked(() -> domain(caller).table == null ? -1 : domain(caller).table.maxFrames());
    }

    /** GNTTABOP_get_version, or -1 without a table. */
    public int version(int caller) {
        return locked(() -> domain(caller).table == null ? -1 : domain(caller).table.version());
    }

    /** GNTTABOP_set_version; 0 or a negative errno. */
    public int setVersion(int caller, int version) {
        return locked(() -> domain(caller).table == null ? XenErrors.EINVAL
                : domain(caller).table.setVersion(version, versionTwoAllowed));
    }

    /** GNTTABOP_swap_grant_ref on the caller's own table. */
    public GrantStatus swap(int caller, int first, int second) {
        return locked(() -> {
            SharedTable table = domain(caller).table;
            if (table == null || Integer.compareUnsigned(first, table.entries()) >= 0
                    || Integer.compareUnsigned(second, table.entries()) >= 0) {
                return GrantStatus.BAD_GNTREF;
            }
            if (table.pinned(first) != null || table.pinned(second) != null) {
                return GrantStatus.EAGAIN;
            }
            table.swap(first, second);
            return GrantStatus.OKAY;
        });
    }

    /**
     * GNTTABOP_cache_flush of a page: the caller's own, or one granted to it at present.
     *
     * @return 0, or -1 (EPERM) for any other page, one of an owner without a grant table included (XSA-232)
     */
    public int cacheFlush(int caller, long frame) {
        return locked(() -> {
            XenDomain self = domain(caller);
            return self.physmap.ownsFrame(frame) || mapping.hasMapped(self, frame) ? 0 : XenErrors.EPERM;
        });
    }

    /** GNTTABOP_unmap_and_replace: impossible without page-table based guests. */
    public GrantStatus unmapAndReplace(int caller) {
        return locked(() -> domain(caller) == null ? GrantStatus.BAD_DOMAIN : GrantStatus.GENERAL_ERROR);
    }

    /** Any other GNTTABOP by number: transfer (4) is not supported here, the rest does not exist. */
    public int otherOperation(int number) {
        return number == 4 ? XenErrors.EOPNOTSUPP : XenErrors.ENOSYS;
    }

    /**
     * Lets a domain's CPU read through its P2M.
     *
     * @return null when it worked, else the fault in words
     */
    public String read(int domid, long address, byte[] into) {
        return locked(() -> access(domain(domid), address, into, false));
    }

    /** Lets a domain's CPU write through its P2M; as {@link #read}. Nothing is written before the first fault. */
    public String write(int domid, long address, byte[] from) {
        return locked(() -> access(domain(domid), address, from, true));
    }

    private String access(XenDomain domain, long address, byte[] data, boolean write) {
        int done = 0;
        while (done < data.length) {
            long at = address + done;
            int length = (int) Math.min(data.length - done, 4096 - (at & 4095));
            long frame = domain.physmap.translate(at >>> 12, write);
            if (frame == GuestPhysmap.TRANSLATION_FAULT || frame == GuestPhysmap.PERMISSION_FAULT) {
                return "stage-2 " + (frame == GuestPhysmap.PERMISSION_FAULT ? "permission" : "translation") + " fault at 0x"
                        + Long.toHexString(at);
            }
            long target = frame << 12 | at & 4095;
            if (write) {
                memory.write(target, data, done, length);
            } else {
                memory.read(target, data, done, length);
            }
            done += length;
        }
        return null;
    }

    /** The P2M descriptor of a domain at an address, 0 when there is none. */
    public long descriptor(int domid, long address) {
        return locked(() -> domain(domid).physmap.descriptor(address >>> 12));
    }

    /** Handles a domain has in use. */
    public int handlesInUse(int domid) {
        return locked(() -> domain(domid).maptrack.used());
    }

    /** Foreign P2M entries of a domain. */
    public int foreignMappings(int domid) {
        return locked(() -> domain(domid).physmap.foreignCount());
    }

    /** Grants of a domain that somebody pins. */
    public int pinnedGrants(int domid) {
        return locked(() -> domain(domid).table == null ? 0 : domain(domid).table.pinnedCount());
    }

    /** Foreign references on a page: while there is one, its owner's death does not free it. */
    public int pageReferences(long frame) {
        return locked(() -> pins.references(frame));
    }

    /** Access the IOMMU of a direct-mapped domain gives to a foreign page: {@code rw}, {@code ro} or empty. */
    public String identityAccess(int domid, long frame) {
        return locked(() -> domain(domid).identity == null ? "" : domain(domid).identity.access(frame));
    }

    /** Tells whether a domain may reach any page by its machine address, as the toolstack domain may. */
    public boolean privileged(int domid) {
        return locked(() -> domains.containsKey(domid) && domains.get(domid).spec.privileged());
    }

    private XenDomain domain(int domid) {
        XenDomain domain = domains.get(domid);
        if (domain == null) {
            throw new IllegalArgumentException("no domain " + domid);
        }
        return domain;
    }

    private <T> T locked(Supplier<T> call) {
        lock.lock();
        try {
            return call.get();
        } finally {
            lock.unlock();
        }
    }
}
