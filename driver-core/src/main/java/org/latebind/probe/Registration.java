package org.latebind.probe;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.latebind.driver.Errno;

/**
 * An IOMMU comes and goes: the one-driver rule, the legacy mode, the walk over its clients by era, and what its hardware does
 * with everybody else (driver-core sheet, sections 4.5, 4.6 and 6).
 */
final class Registration {

    /** Buses in the order in which a registration walks over them; all others come after these. */
    private static final List<String> BUSES = List.of("platform", "pci", "amba");

    private Registration() {
    }

    /** Takes over the answer of an attach. */
    static void attachAnswered(Work w, int device, int iommu) {
        AttachAnswer answer = w.attachAnswer;
        if (answer instanceof AttachAnswer.Attached a) {
            w.c[w.at.cause + device] = Cause.NONE.with(0);
            Groups.join(w, device, iommu, a);
        } else if (answer instanceof AttachAnswer.Refused) {
            w.c[w.at.cause + device] = Cause.IOMMU_REFUSED.with(iommu);
            w.log(LogRecord.Kind.REFUSED_BY_IOMMU, device, -1, iommu);
        } else if (answer instanceof AttachAnswer.Error e) {
            w.c[w.at.cause + device] = Cause.IOMMU_ERROR.with(e.errno() | iommu << 12);
            w.log(LogRecord.Kind.REFUSED_BY_IOMMU, device, -1, iommu, e.text());
        }
    }

    /**
     * Registers the IOMMU this device is.
     *
     * @return 0, or the errno its probe fails with
     */
    static int start(Work w, int device, int driver, Unattached unattached) {
        int iommu = w.t.board.iommuOfDevice[device];
        int flags = Layout.P_LIVE | Layout.P_EVER;
        int owner = w.c[Layout.BUS_OPS];
        if (owner != 0 && owner != driver + 1) {
            switch (w.t.policy.secondDriver) {
                case FAILS:
                    w.c[w.at.cause + device] = Cause.SECOND_DRIVER.with(iommu);
                    return Errno.EBUSY.number();
                case IGNORED:
                    flags |= Layout.P_SHADOWED;
                    break;
                default:
                    break;
            }
        } else {
            w.c[Layout.BUS_OPS] = driver + 1;
        }
        if (!legacyModeFits(w, iommu, driver)) {
            w.c[w.at.cause + device] = Cause.LEGACY_MISMATCH.with(iommu);
            return Errno.ENODEV.number();
        }
        if (unattached == Unattached.ABORT) {
            flags |= Layout.P_ABORTS;
        }
        w.c[w.at.iommuFlags + iommu] = flags;
        w.c[w.at.iommuDriver + iommu] = driver + 1;
        w.log(LogRecord.Kind.IOMMU_REGISTERED, device, driver, iommu);
        if (w.announcing()) {
            w.announce(new Action.RegisterIommu(iommu, device));
        }
        return 0;
    }

    /** The first SMMU decides for all whether the tree speaks of {@code mmu-masters}; ours never needs to decide. */
    private static boolean legacyModeFits(Work w, int iommu, int driver) {
        if (w.t.policy.legacy == Policy.Legacy.EDGES_FROM_TREE || !w.t.drivers[driver].legacyBinding()) {
            return true;
        }
        int mode = w.t.legacyOfIommu[iommu].length > 0 ? 1 : 2;
        if (w.c[Layout.LEGACY_MODE] == 0) {
            w.c[Layout.LEGACY_MODE] = mode;
        }
        return w.c[Layout.LEGACY_MODE] == mode;
    }

    /** Walks the clients as this era does; leaves {@link Work#R_BOUND} or {@link Work#R_DRIVER} as result. */
    static void walk(Work w, int iommu, int device) {
        if ((w.c[w.at.iommuFlags + iommu] & Layout.P_SHADOWED) == 0) {
            w.push(Frame.REGISTER, iommu, 0, 0, device, 0);
        }
    }

    static void step(Work w) {
        int iommu = w.field(1);
        if (w.field(3) != 0) {
            int client = w.field(3) - 1;
            w.set(3, 0);
            int waitsFor = w.c[w.at.cause + client];
            attachAnswered(w, client, w.c[Layout.AWAIT_OTHER]);
            keepCause(w, client, waitsFor);
            if (w.attachAnswer instanceof AttachAnswer.Error e && spoils(w, client, e)) {
                w.c[w.at.cause + w.field(4)] = Cause.CLIENT_ERROR.with(client);
                w.pop();
                w.push(Frame.ROLLBACK, iommu, 0, 0, 0, 0);
                return;
            }
        }
        int[] clients = w.t.walkOfIommu[iommu];
        while (w.field(2) < clients.length) {
            int client = clients[w.field(2)];
            w.set(2, w.field(2) + 1);
            int waitsFor = w.c[w.at.cause + client];
            int target = wanted(w, client) ? DmaSetup.ask(w, client) : -1;
            keepCause(w, client, waitsFor);
            if (target >= 0) {
                w.set(3, client + 1);
                w.await(Work.AWAIT_ATTACH, client, target);
                return;
            }
        }
        if (legacyNext(w, iommu)) {
            return;
        }
        w.result = Work.R_BOUND;
        w.pop();
    }

    /** A stream that somebody else has is no error to a registration (ENODEV from 6.15 on; recorded boots of 7.3). */
    private static boolean spoils(Work w, int client, AttachAnswer.Error error) {
        return !w.t.streams.exclusive(client) || error.errno() != Errno.EINVAL.number();
    }

    /**
     * Whom a registration walks over. Where it groups who has no driver it looks at every device, bus after bus, and so takes up
     * those that missed another IOMMU's registration because they were bound then (section 4.6).
     */
    static int[][] walks(Tables t) {
        if (t.policy.lookup != Policy.Lookup.AT_REGISTRATION) {
            return t.clientsOfIommu;
        }
        int[] all = IntStream.range(0, t.deviceCount).filter(d -> t.iommusOf[d].length > 0).boxed()
            .sorted(Comparator.comparingInt(d -> busRank(t.board.devices[d].bus()))).mapToInt(Integer::intValue).toArray();
        int[][] walks = new int[t.iommuCount][];
        Arrays.fill(walks, all);
        return walks;
    }

    private static int busRank(String bus) {
        int rank = BUSES.indexOf(bus);
        return rank < 0 ? BUSES.size() : rank;
    }

    /** The walk does not change why a device is not bound: what it waits for, what forced it off, what failed. */
    private static void keepCause(Work w, int client, int cause) {
        if (w.listed(client) || w.is(client, Layout.D_FORCED_OFF) || w.is(client, Layout.D_FAILED)) {
            w.c[w.at.cause + client] = cause;
        }
    }

    private static boolean wanted(Work w, int client) {
        if (!w.present(client) || w.is(client, Layout.D_GROUPED) || w.is(client, Layout.D_PROBING)) {
            return false;
        }
        return switch (w.t.policy.lookup) {
            case AT_REGISTRATION -> w.c[w.at.driver + client] < 0;
            case AT_CREATION -> w.is(client, Layout.D_SPEC) && w.c[w.at.driver + client] < 0;
            case AT_PROBE -> false;
        };
    }

    /** Legacy masters the registration finds: by era those of all SMMUs, or of those registered before this one. */
    private static boolean legacyNext(Work w, int iommu) {
        Policy.Legacy rule = w.t.policy.legacy;
        if (rule != Policy.Legacy.ONE_LATE && rule != Policy.Legacy.BY_INITCALL_ORDER) {
            return false;
        }
        for (int p = 0; p < w.t.iommuCount; p++) {
            boolean own = p == iommu;
            if (!w.iommuLive(p) || own && rule == Policy.Legacy.ONE_LATE || !legacyCapable(w, p)) {
                continue;
            }
            if (attachLegacy(w, p)) {
                return true;
            }
        }
        return false;
    }

    /** Lets the next unattached legacy master of the SMMU be attached; false when there is none. */
    static boolean attachLegacy(Work w, int iommu) {
        for (int client : w.t.legacyOfIommu[iommu]) {
            if (w.present(client) && !w.is(client, Layout.D_GROUPED)) {
                w.set(3, client + 1);
                w.await(Work.AWAIT_ATTACH, client, iommu);
                return true;
            }
        }
        return false;
    }

    /** The SMMU a legacy master is attached to when it is added while that is up; -1 for none (section 6, 6.0 and later). */
    static int legacyAdded(Work w, int device) {
        int iommu = w.t.board.devices[device].legacyIommu();
        boolean found = iommu >= 0 && w.t.policy.legacy == Policy.Legacy.ONE_LATE && w.t.iommusOf[device].length == 0
            && w.iommuLive(iommu) && legacyCapable(w, iommu);
        return found ? iommu : -1;
    }

    /** Up to 4.11 an IOMMU that does not come up when it is tried is none for the devices that exist by then (section 4.1). */
    static void missed(Work w, int device) {
        int iommu = w.t.board.iommuOfDevice[device];
        if (w.t.policy.lookup == Policy.Lookup.AT_CREATION && iommu >= 0 && !w.iommuLive(iommu)) {
            for (int client : w.t.clientsOfIommu[iommu]) {
                w.lower(client, Layout.D_SPEC);
            }
        }
    }

    /** Kernels with a modular driver leave the legacy binding out of it. */
    static boolean legacyCapable(Work w, int iommu) {
        int driver = w.c[w.at.iommuDriver + iommu] - 1;
        return w.t.drivers[driver].legacyBinding()
            && (!w.t.policy.moduleReferences || w.t.catalogue.module(w.t.moduleOfDriver[driver]).builtin());
    }

    /** End of the device level: SMMUs that are up get their legacy masters; those that deferred are missed. */
    static void legacySync(Work w) {
        if (w.field(3) != 0) {
            int client = w.field(3) - 1;
            w.set(3, 0);
            attachAnswered(w, client, w.c[Layout.AWAIT_OTHER]);
        }
        while (w.field(2) < w.t.iommuCount) {
            int iommu = w.field(2);
            if (w.iommuLive(iommu) && legacyCapable(w, iommu) && attachLegacy(w, iommu)) {
                return;
            }
            w.set(2, iommu + 1);
        }
        w.pop();
    }

    /**
     * Releases the clients one by one, then forgets the IOMMU. Frame: IOMMU, place, client plus one, 0, 1 = the IOMMU departs.
     */
    static void rollback(Work w) {
        int iommu = w.field(1);
        if (w.field(3) != 0) {
            int client = w.field(3) - 1;
            w.set(3, 0);
            Groups.leave(w, client);
            w.c[w.at.cause + client] = Cause.IOMMU_LEFT.with(iommu);
        }
        int departing = w.field(5);
        boolean stay = departing != 0 && w.t.policy.departure == Policy.Departure.CLIENTS_STAY_UNRELEASED;
        for (int client = nextAttached(w, iommu); client >= 0; client = nextAttached(w, iommu)) {
            if (!stay) {
                w.set(3, client + 1);
                w.await(Work.AWAIT_RELEASE, client, iommu);
                return;
            }
            Groups.detach(w, client);
            w.c[w.at.cause + client] = Cause.IOMMU_LEFT.with(iommu);
        }
        forget(w, iommu, departing != 0);
        w.result = departing != 0 ? Work.R_BOUND : Work.R_DRIVER;
        w.pop();
    }

    private static int nextAttached(Work w, int iommu) {
        if (w.c[w.at.iommuClients + iommu] == 0) {
            return -1;
        }
        for (int[] clients : new int[][] {w.t.clientsOfIommu[iommu], w.t.legacyOfIommu[iommu]}) {
            int from = clients == w.t.clientsOfIommu[iommu] ? w.field(2) : 0;
            for (int i = from; i < clients.length; i++) {
                if (w.is(clients[i], Layout.D_GROUPED) && w.attachedTo(clients[i]) == iommu) {
                    if (clients == w.t.clientsOfIommu[iommu]) {
                        w.set(2, i);
                    }
                    return clients[i];
                }
            }
        }
        return -1;
    }

    private static void forget(Work w, int iommu, boolean departing) {
        int driver = w.c[w.at.iommuDriver + iommu] - 1;
        int flags = w.c[w.at.iommuFlags + iommu] & ~Layout.P_LIVE;
        if (!departing || !w.t.drivers[driver].enabledAfterRemove()) {
            flags &= ~Layout.P_ABORTS;
        }
        w.c[w.at.iommuFlags + iommu] = flags;
        w.log(LogRecord.Kind.IOMMU_UNREGISTERED, w.t.board.iommuDevice[iommu], driver, iommu);
        if (w.announcing()) {
            w.announce(new Action.UnregisterIommu(iommu));
        }
    }
}
