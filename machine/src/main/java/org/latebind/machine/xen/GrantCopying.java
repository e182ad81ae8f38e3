package org.latebind.machine.xen;

import java.util.function.IntFunction;
import org.latebind.hardware.PhysicalMemory;

/** GNTTABOP_copy: one transfer inside a page on both sides, by grant or within the caller. Runs under the lock. */
final class GrantCopying {

    private static final int PAGE_BYTES = 4096;

    private final PhysicalMemory memory;
    private final IntFunction<XenDomain> domains;
    private final GrantPins pins;

    GrantCopying(PhysicalMemory memory, IntFunction<XenDomain> domains, GrantPins pins) {
        this.memory = memory;
        this.domains = domains;
        this.pins = pins;
    }

    GrantStatus copy(XenDomain caller, CopyRequest request) {
        int length = request.lengthBytes();
        if (length < 0 || passesEnd(request.source(), length) || passesEnd(request.destination(), length)) {
            return GrantStatus.BAD_COPY_ARG;
        }
        Page source = claim(caller, request.source(), true);
        if (source.status != GrantStatus.OKAY) {
            return source.status;
        }
        Page destination = claim(caller, request.destination(), false);
        GrantStatus status = destination.status;
        if (status == GrantStatus.OKAY) {
            if (source.covers(request.source().offset(), length)
                    && destination.covers(request.destination().offset(), length)) {
                byte[] bytes = new byte[length];
                memory.read((source.frame << 12) + request.source().offset(), bytes, 0, length);
                memory.write((destination.frame << 12) + request.destination().offset(), bytes, 0, length);
            } else {
                status = GrantStatus.GENERAL_ERROR;
            }
            release(request.destination(), destination, false);
        }
        release(request.source(), source, true);
        return status;
    }

    private static boolean passesEnd(CopyRequest.Side side, int length) {
        return side.offset() < 0 || side.offset() > PAGE_BYTES || side.offset() + length > PAGE_BYTES;
    }

    /** Gets hold of one side's page. */
    private Page claim(XenDomain caller, CopyRequest.Side side, boolean readOnly) {
        XenDomain owner = domains.apply(side.domid());
        if (owner == null) {
            return Page.refused(GrantStatus.BAD_DOMAIN);
        }
        if (!side.granted()) {
            if (owner != caller) {
                return Page.refused(GrantStatus.PERMISSION_DENIED);
            }
            return caller.physmap.ownsFrame(side.page()) ? new Page(GrantStatus.OKAY, owner, side.page(), 0, PAGE_BYTES)
                    : Page.refused(GrantStatus.BAD_PAGE);
        }
        GrantStatus status = pins.pinForCopy(caller, owner, (int) side.page(), readOnly, 0);
        if (status != GrantStatus.OKAY) {
            return Page.refused(status);
        }
        ActiveEntry entry = owner.table.active((int) side.page());
        return new Page(status, owner, entry.frame, entry.start, entry.length);
    }

    private void release(CopyRequest.Side side, Page page, boolean readOnly) {
        if (side.granted()) {
            pins.unpin(page.owner, (int) side.page(), readOnly);
        }
    }

    /** A page in hand: which bytes of it may be used. */
    private record Page(GrantStatus status, XenDomain owner, long frame, int start, int length) {

        static Page refused(GrantStatus status) {
            return new Page(status, null, 0, 0, 0);
        }

        boolean covers(int offset, int bytes) {
            return offset >= start && offset + bytes <= start + length;
        }
    }
}
