package org.latebind.probe;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Which loads of a slice may change places without changing the state they lead to, once nothing but loads is left to happen
 * (late-init and user space are over, the timer is not armed, nothing is unloaded). Read off the tables; says "no" when unsure.
 *
 * <p>Why: between two triggers everybody who waits is tried until nothing moves, so who waits for a supplier binds whichever of
 * its suppliers comes last. Order shows only at a device that goes on without a supplier that may come later (its IOMMU, its
 * power domain, what it asks for without waiting), or that several drivers want. Loads that can bring such a device to its
 * probe, and loads that can bring that supplier, do not commute; all others do. Where the order of the deferred list is part of
 * the state, where probes run asynchronously or create devices, and where IOMMU drivers exclude each other, nothing is said to
 * commute.
 */
public final class LoadCommutation {

    private final Tables t;
    private final boolean[][] apart;
    private final boolean any;

    /**
     * Looks at a slice.
     *
     * @param slice   slice; not null
     * @param ordered whether the order of the deferred list is part of its states
     */
    public LoadCommutation(Slice slice, boolean ordered) {
        t = slice.t;
        apart = new boolean[t.moduleCount][t.moduleCount];
        any = !ordered && eligible();
        if (any) {
            for (int d = 0; d < t.deviceCount; d++) {
                look(d);
            }
        }
    }

    /** Whether any loads are said to commute. */
    public boolean any() {
        return any;
    }

    /** Whether loads of these modules of the slice commute. */
    public boolean commute(int module, int other) {
        return any && !apart[module][other];
    }

    private boolean eligible() {
        if (t.policy.boot != Policy.BootRule.LINUX || t.parameters.asyncChoice()
                || t.policy.lookup != Policy.Lookup.AT_PROBE) {
            return false;
        }
        long iommuDrivers = Arrays.stream(t.drivers).filter(DriverDescription::iommu).count();
        if (t.couplings.oneIommuDriver() && iommuDrivers > 1 || t.streams.refusals()) {
            return false;
        }
        for (int d = 0; d < t.deviceCount; d++) {
            if (t.board.devices[d].creator() >= 0 || t.board.devices[d].legacyIommu() >= 0) {
                return false;
            }
        }
        return Arrays.stream(t.drivers).noneMatch(r -> r.iommu() && r.streamIdMax() != Integer.MAX_VALUE);
    }

    private void look(int d) {
        BitSet behind = modulesBehind(d);
        if (t.driversOfDevice[d].length > 1) {
            part(behind, behind);
        }
        for (int supplier : goneWithout(d).stream().toArray()) {
            part(behind, modulesBehind(supplier));
        }
    }

    private void part(BitSet some, BitSet others) {
        some.stream().forEach(a -> others.stream().filter(b -> a != b).forEach(b -> {
            apart[a][b] = true;
            apart[b][a] = true;
        }));
    }

    /** Suppliers without which the device may be probed all the same. */
    private BitSet goneWithout(int d) {
        BitSet found = new BitSet();
        for (int p : t.iommusOf[d]) {
            if (p >= 0) {
                for (int x = 0; x < t.deviceCount; x++) {
                    found.set(x, found.get(x) || t.board.iommuOfDevice[x] == p || t.board.iommuDevice[p] == x);
                }
            }
        }
        BoardDevice device = t.board.devices[d];
        add(found, device.powerDomain());
        Arrays.stream(t.pins[d]).map(group -> Pins.controller(t.board, group)).filter(c -> c >= 0).forEach(found::set);
        if (Arrays.stream(t.driversOfDevice[d]).anyMatch(r -> t.drivers[r].deferBecomesError())) {
            asked(d, found);
            for (int link : t.links.ofConsumer[d]) {
                add(found, t.links.supplierNode[link]);
            }
        }
        return found;
    }

    private void asked(int d, BitSet found) {
        for (BoardDevice.Asked asked : t.board.devices[d].askable()) {
            if (Arrays.stream(t.driversOfDevice[d]).anyMatch(r -> t.drivers[r].suppliersAsked().contains(asked.property()))) {
                add(found, asked.node());
            }
        }
    }

    private void add(BitSet found, int node) {
        for (int n = node; n >= 0; n = t.board.nodeParent[n]) {
            if (t.board.nodeDevice[n] >= 0) {
                found.set(t.board.nodeDevice[n]);
                return;
            }
        }
    }

    /** Modules that drive the device or anything it can wait for, at any distance. */
    private BitSet modulesBehind(int device) {
        BitSet modules = new BitSet();
        BitSet in = new BitSet();
        ArrayDeque<Integer> todo = new ArrayDeque<>();
        todo.add(device);
        in.set(device);
        while (!todo.isEmpty()) {
            int d = todo.remove();
            for (int r : t.driversOfDevice[d]) {
                modules.set(t.moduleOfDriver[r]);
            }
            BitSet next = goneWithout(d);
            asked(d, next);
            for (int link : t.links.ofConsumer[d]) {
                for (int supplier : new int[] {t.links.supplier[link], t.links.adopter[link]}) {
                    if (supplier >= 0) {
                        next.set(supplier);
                    }
                }
            }
            next.andNot(in);
            in.or(next);
            next.stream().forEach(todo::add);
        }
        return modules;
    }
}
