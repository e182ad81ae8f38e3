package org.latebind.machine.xen;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;

/**
 * Taking and dropping pins: the one way to a granted page for mapping and copying alike. While a grant is pinned, the
 * snapshot rules; page references keep the page from its owner's allocator until the last pin is gone.
 */
final class GrantPins {

    private final IntFunction<XenDomain> domains;
    private final BiConsumer<XenDomain, String> crash;
    private final Map<Long, Integer> pageReferences = new HashMap<>();

    GrantPins(IntFunction<XenDomain> domains, BiConsumer<XenDomain, String> crash) {
        this.domains = domains;
        this.crash = crash;
    }

    /** References on a page that foreign use holds. */
    int references(long frame) {
        return pageReferences.getOrDefault(frame, 0);
    }

    boolean anyReferenceIn(XenDomain domain) {
        return pageReferences.keySet().stream().anyMatch(domain.physmap::ownsFrame);
    }

    /**
     * Pins a grant for a mapping: checks 6 to 12 of GNTTABOP_map_grant_ref, in their order.
     *
     * @param caller who wants it
     * @param owner  whose table
     * @return {@link GrantStatus#OKAY} with the pin taken, else nothing is changed
     */
    GrantStatus pinForMapping(XenDomain caller, XenDomain owner, int ref, boolean readOnly) {
        GrantStatus range = inRange(owner, ref);
        if (range != GrantStatus.OKAY) {
            return range;
        }
        ActiveEntry entry = owner.table.active(ref);
        int increment = ActiveEntry.increment(readOnly);
        if (entry.pinned() && (entry.domid != caller.domid() || entry.full(increment) || entry.partial)) {
            return GrantStatus.GENERAL_ERROR;
        }
        if (!entry.pinned() || !readOnly && !entry.hasWriter()) {
            GrantStatus status = owner.table.setInUse(ref, caller.domid(), readOnly, false);
            if (status == GrantStatus.OKAY && !entry.pinned()) {
                status = snapshot(caller, owner, ref, entry);
                if (status != GrantStatus.OKAY) {
                    clearUnused(owner, ref, entry);
                }
            }
            if (status != GrantStatus.OKAY) {
                owner.table.forget(ref);
                return status;
            }
        }
        take(entry, increment);
        return GrantStatus.OKAY;
    }

    private static GrantStatus inRange(XenDomain owner, int ref) {
        boolean inside = owner.table != null && Integer.compareUnsigned(ref, owner.table.entries()) < 0;
        return inside ? GrantStatus.OKAY : GrantStatus.BAD_GNTREF;
    }

    /** Remembers whom the grant is for and which page it means (checks 11 and 12). */
    private GrantStatus snapshot(XenDomain caller, XenDomain owner, int ref, ActiveEntry entry) {
        long frame = owner.table.frame(ref);
        GrantStatus status = pageStatus(owner, frame);
        if (status == GrantStatus.OKAY) {
            entry.domid = caller.domid();
            entry.frame = frame;
            entry.partial = false;
            entry.start = 0;
            entry.length = 4096;
            entry.pageOwner = owner.domid();
        }
        return status;
    }

    private static GrantStatus pageStatus(XenDomain owner, long frame) {
        if (owner.table.ownsFrame(frame)) {
            // The table itself is Xen's memory, not the guest's.
            return GrantStatus.GENERAL_ERROR;
        }
        if (owner.physmap.isForeign(frame) || !owner.physmap.ownsFrame(frame)) {
            return GrantStatus.BAD_PAGE;
        }
        return owner.dying ? GrantStatus.GENERAL_ERROR : GrantStatus.OKAY;
    }

    void take(ActiveEntry entry, int increment) {
        entry.add(increment);
        pageReferences.merge(entry.frame, 1, Integer::sum);
    }

    /** Drops one pin. The in-use bits go when no pin needs them; the page reference goes after the pin (XSA-236). */
    void unpin(XenDomain owner, int ref, boolean readOnly) {
        ActiveEntry entry = owner.table.active(ref);
        long frame = entry.frame;
        entry.drop(ActiveEntry.increment(readOnly));
        clearUnused(owner, ref, entry);
        owner.table.forget(ref);
        pageReferences.computeIfPresent(frame, (f, n) -> n == 1 ? null : n - 1);
    }

    private void clearUnused(XenDomain owner, int ref, ActiveEntry entry) {
        int bits = (entry.hasWriter() ? 0 : SharedTable.WRITING) | (entry.pinned() ? 0 : SharedTable.READING);
        if (bits != 0 && !owner.table.clearInUse(ref, bits)) {
            crash.accept(owner, "changes grant " + ref + " without end");
        }
    }

    /**
     * Pins a grant for a copy: as for a mapping, and sub-page and one level of transitive grants (version 2) count too.
     *
     * @param depth 0 for the grant the caller named, 1 for the one it leads to
     */
    GrantStatus pinForCopy(XenDomain caller, XenDomain owner, int ref, boolean readOnly, int depth) {
        GrantStatus range = inRange(owner, ref);
        if (range != GrantStatus.OKAY) {
            return range;
        }
        SharedTable table = owner.table;
        ActiveEntry entry = table.active(ref);
        int increment = ActiveEntry.increment(readOnly);
        if (entry.pinned()) {
            // The page behind a pinned grant may not change under a copy (XSA-500): the entry must still mean the same.
            if (entry.domid != caller.domid() || entry.full(increment) || !sameAsEntry(table, ref, entry)) {
                return GrantStatus.GENERAL_ERROR;
            }
        }
        if (!entry.pinned() || !readOnly && !entry.hasWriter()) {
            GrantStatus status = table.setInUse(ref, caller.domid(), readOnly, true);
            if (status == GrantStatus.OKAY && !entry.pinned()) {
                status = copySnapshot(caller, owner, ref, readOnly, depth);
                if (status != GrantStatus.OKAY) {
                    clearUnused(owner, ref, entry);
                }
            }
            if (status != GrantStatus.OKAY) {
                table.forget(ref);
                return status;
            }
        }
        take(entry, increment);
        return GrantStatus.OKAY;
    }

    private static boolean sameAsEntry(SharedTable table, int ref, ActiveEntry entry) {
        return (table.header(ref) & SharedTable.TYPE_MASK) == SharedTable.TYPE_TRANSITIVE
                || table.frame(ref) == entry.frame;
    }

    private GrantStatus copySnapshot(XenDomain caller, XenDomain owner, int ref, boolean readOnly, int depth) {
        SharedTable table = owner.table;
        int header = table.header(ref);
        if ((header & SharedTable.TYPE_MASK) == SharedTable.TYPE_TRANSITIVE) {
            return depth > 0 ? GrantStatus.GENERAL_ERROR : followed(caller, owner, ref, readOnly);
        }
        GrantStatus status = snapshot(caller, owner, ref, table.active(ref));
        if (status == GrantStatus.OKAY && (header & SharedTable.SUB_PAGE) != 0) {
            ActiveEntry entry = table.active(ref);
            entry.partial = true;
            entry.start = table.union(ref) & 0xFFFF;
            entry.length = table.union(ref) >>> 16;
        }
        return status;
    }

    /** Follows a transitive grant one step: the owner must itself hold a grant of a third domain (XSA-226). */
    private GrantStatus followed(XenDomain caller, XenDomain owner, int ref, boolean readOnly) {
        XenDomain third = domains.apply(owner.table.union(ref) & 0xFFFF);
        int farRef = (int) owner.table.frame(ref);
        if (third == null || third == owner) {
            return GrantStatus.GENERAL_ERROR;
        }
        if (pinForCopy(owner, third, farRef, readOnly, 1) != GrantStatus.OKAY) {
            return GrantStatus.GENERAL_ERROR;
        }
        ActiveEntry far = third.table.active(farRef);
        ActiveEntry near = owner.table.active(ref);
        near.domid = caller.domid();
        near.frame = far.frame;
        near.partial = true;
        near.start = far.start;
        near.length = far.length;
        near.pageOwner = third.domid();
        // The far grant is needed only while it is checked; the near pin holds a page reference of its own.
        unpin(third, farRef, readOnly);
        return GrantStatus.OKAY;
    }
}
