package org.latebind.xengrant;

import java.util.List;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.xen.GrantLedger;
import org.latebind.hardware.xen.GrantLedger.Leftover;

/**
 * Runs of references that a backend did not let go of in time. They wait in the core's ledger: references are not handed out
 * and pages are not reused until every entry of the run could be ended. Thread safe.
 */
final class Leftovers {

    private final GuestGrantTable table;
    private final PageAllocator pages;
    private final GrantLedger ledger;

    Leftovers(GuestGrantTable table, PageAllocator pages, GrantLedger ledger) {
        this.table = table;
        this.pages = pages;
        this.ledger = ledger;
    }

    /**
     * Keeps a run whose owner is done with it.
     *
     * @return false when the pages cannot be kept from being reused, because the machine's allocator has no holds
     */
    boolean keep(Leftover run) {
        // A coherent buffer stays allocated; pages of somebody else are held before their owner learns of the unmap.
        boolean held = run.bufferBytes() > 0 || pages.hold(run.firstFrame() << GrantAddress.PAGE_SHIFT, bytes(run));
        table.disown(run.firstRef(), run.count());
        ledger.add(List.of(run));
        return held;
    }

    /** Tries all of them; returns the number of references that came back. */
    int reclaim() {
        int back = 0;
        for (Leftover run : ledger.leftovers()) {
            if (table.endAll(run.firstRef(), run.count()) && !ledger.remove(List.of(run)).isEmpty()) {
                giveBack(run);
                back += run.count();
            }
        }
        return back;
    }

    private void giveBack(Leftover run) {
        table.free(run.firstRef(), run.count());
        if (run.bufferBytes() > 0) {
            pages.free(run.firstFrame() << GrantAddress.PAGE_SHIFT, run.bufferBytes());
        } else {
            pages.release(run.firstFrame() << GrantAddress.PAGE_SHIFT, bytes(run));
        }
    }

    private static long bytes(Leftover run) {
        return (long) run.count() << GrantAddress.PAGE_SHIFT;
    }

    List<Leftover> all() {
        return ledger.leftovers();
    }
}
