package org.latebind.probe;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Where modules may be unloaded, more devices have a say: those that keep a module of the cone in use, and those whose modules
 * ordering constraints tie to it.
 */
final class UnloadCouplings {

    private final Influence influence;
    private final Tables t;
    private final State booted;
    private final Set<String> related;

    UnloadCouplings(Influence influence, State booted, Set<String> related) {
        this.influence = influence;
        this.t = booted.t;
        this.booted = booted;
        this.related = related;
    }

    /** Hands over the devices that belong to a cone; {@code push} adds them to it at once. */
    void add(BitSet in, IntConsumer push) {
        BitSet modules = new BitSet();
        in.stream().filter(d -> !influence.permanent(d)).forEach(d -> {
            for (int r : t.driversOfDevice[d]) {
                modules.set(t.moduleOfDriver[r]);
            }
        });
        if (!related.isEmpty() && modules.stream().anyMatch(m -> related.contains(t.catalogue.module(m).name()))) {
            for (String name : related) {
                int m = t.catalogue.moduleIndex(name);
                if (m >= 0) {
                    modules.set(m);
                    driven(m).forEach(push);
                }
            }
        }
        if (t.policy.moduleReferences) {
            modules.stream().filter(m -> !t.catalogue.module(m).builtin())
                .forEach(m -> driven(m).forEach(d -> users(in, push, modules, d)));
        }
    }

    /** Clients and askers of a device that keep its module in use. */
    private void users(BitSet in, IntConsumer push, BitSet modules, int device) {
        int p = t.board.iommuOfDevice[device];
        if (p >= 0) {
            for (int[] clients : List.of(t.clientsOfIommu[p], t.legacyOfIommu[p])) {
                for (int client : clients) {
                    user(in, push, modules, client, device);
                }
            }
        }
        for (int asker = 0; asker < t.deviceCount; asker++) {
            if (asks(asker, device)) {
                user(in, push, modules, asker, device);
            }
        }
    }

    private void user(BitSet in, IntConsumer push, BitSet modules, int user, int device) {
        if (!in.get(user) && !canBePutOff(user, modules)) {
            push.accept(user);
            push.accept(device);
        }
    }

    private IntStream driven(int module) {
        return IntStream.range(0, t.driverCount).filter(r -> t.moduleOfDriver[r] == module)
            .flatMap(r -> Arrays.stream(t.devicesOfDriver[r]));
    }

    private boolean asks(int asker, int supplier) {
        return Arrays.stream(influence.asked(asker)).anyMatch(node -> t.board.nodeDevice[node] == supplier);
    }

    /** Whether a device needs no group and no supplier as long as its own modules have not loaded. */
    private boolean canBePutOff(int device, BitSet modules) {
        if (t.policy.lookup != Policy.Lookup.AT_PROBE || booted.held(device) || booted.is(device, Layout.D_GROUPED)
                || t.board.devices[device].legacyIommu() >= 0) {
            return false;
        }
        for (int r : t.driversOfDevice[device]) {
            if (!influence.loadable(r) || modules.get(t.moduleOfDriver[r])
                    || related.contains(t.catalogue.module(t.moduleOfDriver[r]).name())) {
                return false;
            }
        }
        return true;
    }
}
