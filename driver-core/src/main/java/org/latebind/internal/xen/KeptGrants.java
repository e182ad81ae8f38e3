package org.latebind.internal.xen;

import java.util.ArrayList;
import java.util.List;
import org.latebind.hardware.xen.GrantLedger;
import org.osgi.service.component.annotations.Component;

/**
 * The ledger as a service of the core: it stays while driver bundles come and go. Immediate, because a delayed component would
 * lose its entries together with the last driver that used it.
 */
@Component(service = GrantLedger.class, immediate = true)
public final class KeptGrants implements GrantLedger {

    private final List<Leftover> kept = new ArrayList<>();

    @Override
    public synchronized void add(List<Leftover> leftovers) {
        kept.addAll(leftovers);
    }

    @Override
    public synchronized List<Leftover> leftovers() {
        return List.copyOf(kept);
    }

    @Override
    public synchronized List<Leftover> remove(List<Leftover> leftovers) {
        List<Leftover> removed = new ArrayList<>();
        for (Leftover leftover : leftovers) {
            if (kept.remove(leftover)) {
                removed.add(leftover);
            }
        }
        return removed;
    }
}
