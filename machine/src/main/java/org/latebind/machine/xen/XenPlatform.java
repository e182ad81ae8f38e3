package org.latebind.machine.xen;

import org.latebind.hardware.DmaResult;
import org.latebind.hardware.xen.BackendDomains;
import org.latebind.hardware.xen.GrantCalls;
import org.latebind.hardware.xen.Hypervisor;
import org.latebind.machine.Verdict;

/** The hypervisor as the one guest sees it whose machine this is. Thread safe. */
public final class XenPlatform implements Hypervisor, GrantCalls {

    private static final long GRANT_ADDRESS = 1L << 63;

    private final XenHypervisor xen;
    private final int domid;
    private final PlayedBackends backends;

    /**
     * Presents a hypervisor to one of its domains.
     *
     * @param xen   holds a domain {@code domid} with a grant table
     * @param domid the guest that runs the drivers
     */
    public XenPlatform(XenHypervisor xen, int domid) {
        this.xen = xen;
        this.domid = domid;
        backends = new PlayedBackends(xen, domid);
    }

    /** The whole hypervisor, for tests. */
    public XenHypervisor xen() {
        return xen;
    }

    @Override
    public GrantCalls grants() {
        return this;
    }

    @Override
    public BackendDomains backends() {
        return backends;
    }

    @Override
    public int domid() {
        return domid;
    }

    @Override
    public int frames() {
        return xen.frames(domid);
    }

    @Override
    public int maxFrames() {
        return xen.maxFrames(domid);
    }

    @Override
    public int mapTableFrame(int index, long guestFrame) {
        return xen.addToPhysmap(domid, index, false, guestFrame);
    }

    @Override
    public int mapStatusFrame(int index, long guestFrame) {
        return xen.addToPhysmap(domid, index, true, guestFrame);
    }

    @Override
    public int version() {
        return xen.version(domid);
    }

    @Override
    public int setVersion(int version) {
        return xen.setVersion(domid, version);
    }

    /**
     * What a backend makes of a bus address its guest's driver gave it: with bit 63 a grant, which it maps for the access
     * and gives back; without, a guest-physical address, which only a privileged domain can reach.
     *
     * @param backend domain id of the backend
     */
    Verdict judge(int backend, long busAddress, boolean write) {
        if ((busAddress & GRANT_ADDRESS) == 0) {
            return xen.privileged(backend) ? Verdict.untranslated(busAddress, "guest-physical address used by domain " + backend)
                    : new Verdict(DmaResult.Kind.FAULT, 0, "domain " + backend + " may not map guest-physical addresses");
        }
        long ref = (busAddress & ~GRANT_ADDRESS) >>> 12;
        if (ref >>> 32 != 0) {
            return new Verdict(DmaResult.Kind.FAULT, 0, "no grant reference: 0x" + Long.toHexString(ref));
        }
        BackendDomains.Answer mapped = backends.map(backend, (int) ref, !write);
        if (!mapped.ok()) {
            return new Verdict(DmaResult.Kind.FAULT, 0, "grant " + ref + " for domain " + backend + ": " + mapped.text());
        }
        long frame = GuestPhysmap.frameOf(xen.descriptor(backend, backends.addressOf(backend, mapped.handle())));
        backends.unmap(backend, mapped.handle());
        return Verdict.translated(frame << 12 | busAddress & 4095);
    }
}
