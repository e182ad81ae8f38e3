package org.latebind.probe;

import org.latebind.driver.Errno;

/**
 * The IOMMU question of a probe: {@code of_dma_configure} and {@code of_iommu_configure} (driver-core sheet, section 4.2 and
 * the
 * decision tables 4.3 and 4.4).
 */
final class DmaSetup {

    /** The device goes on; it has its group, or none. */
    static final int GO_ON = -1;
    /** The device waits. */
    static final int WAIT = -2;

    private DmaSetup() {
    }

    /**
     * Asks for a device. Sets its cause.
     *
     * @return {@link #GO_ON}, {@link #WAIT}, or the IOMMU to attach to
     */
    static int ask(Work w, int device) {
        if (w.is(device, Layout.D_GROUPED)) {
            // Before 6.0 the group outlives the IOMMU it stood for.
            int iommu = StreamEntries.iommuOf(w.t.board.devices[device]);
            return goOn(w, device, w.attachedTo(device) >= 0 || iommu < 0 ? Cause.NONE.with(0) : Cause.IOMMU_LEFT.with(iommu));
        }
        int[] entries = w.t.iommusOf[device];
        int legacy = w.t.board.devices[device].legacyIommu();
        if (!w.t.dmaBus[device] || entries.length == 0 && legacy < 0) {
            return goOn(w, device, Cause.NO_IOMMU.with(0));
        }
        if (entries.length == 0) {
            return askLegacy(w, device, legacy);
        }
        return askEntries(w, device, entries);
    }

    private static int askLegacy(Work w, int device, int iommu) {
        if (w.t.policy.legacy != Policy.Legacy.EDGES_FROM_TREE) {
            return goOn(w, device, Cause.LEGACY.with(iommu));
        }
        int only = askEntry(w, device, iommu, -1);
        return only;
    }

    /** Old kernels use only what was there when the device was created. */
    private static int found(Work w, int device, int iommu) {
        boolean late = w.t.policy.lookup == Policy.Lookup.AT_CREATION && !w.is(device, Layout.D_SPEC);
        return late ? goOn(w, device, Cause.AT_CREATION.with(iommu)) : iommu;
    }

    /** An IOMMU that is not up when a device of an old kernel is probed is none for it for good. */
    private static int notThere(Work w, int device, int iommu) {
        if (w.is(device, Layout.D_PROBING)) {
            w.lower(device, Layout.D_SPEC);
        }
        return goOn(w, device, Cause.AT_CREATION.with(iommu));
    }

    private static int askEntries(Work w, int device, int[] entries) {
        int first = GO_ON;
        for (int iommu : entries) {
            if (iommu == IommuEntry.END) {
                // One wrong alias of a PCI function is one too many (section 9).
                boolean counts = first >= 0 && w.t.board.devices[device].requesterId() < 0;
                return counts ? found(w, device, first) : goOn(w, device, Cause.BAD_ENTRY.with(0));
            }
            if (iommu == IommuEntry.NONE) {
                return goOn(w, device, Cause.NOT_MAPPED.with(0));
            }
            int one = askEntry(w, device, iommu, first);
            if (one < 0 || entries.length > 1 && refuses(w.t, w.driverOfIommu(one), device)) {
                return one;
            }
            first = first >= 0 ? first : one;
        }
        return found(w, device, first);
    }

    private static int askEntry(Work w, int device, int iommu, int first) {
        if (!w.t.board.iommuAvailable[iommu]) {
            return goOn(w, device, Cause.IOMMU_DISABLED.with(iommu));
        }
        if (w.iommuLive(iommu)) {
            return live(w, device, iommu, first);
        }
        if (w.t.policy.lookup == Policy.Lookup.AT_CREATION) {
            return notThere(w, device, iommu);
        }
        if (w.t.policy.neverWaitsForImpossible && w.t.board.iommuDevice[iommu] < 0) {
            return goOn(w, device, Cause.IMPOSSIBLE.with(iommu));
        }
        if (first >= 0 && !w.t.policy.mixedEntryWaits) {
            return goOn(w, device, Cause.MIXED.with(iommu));
        }
        switch (w.absent(iommu)) {
            case DEFER:
                w.c[w.at.cause + device] = Cause.IOMMU_WAIT.with(iommu);
                return WAIT;
            case TIMED_OUT:
                w.log(LogRecord.Kind.TIMED_OUT, device, -1, iommu, "deferred probe timeout, ignoring dependency");
                return goOn(w, device, Cause.IOMMU_TIMED_OUT.with(iommu));
            default:
                w.log(LogRecord.Kind.TIMED_OUT, device, -1, iommu, "ignoring dependency for device, assuming no driver");
                return goOn(w, device, Cause.IOMMU_ASSUMED_NONE.with(iommu));
        }
    }

    private static int live(Work w, int device, int iommu, int first) {
        int driver = w.c[w.at.iommuDriver + iommu] - 1;
        if (!w.t.drivers[driver].translates()) {
            return goOn(w, device, Cause.NO_TRANSLATION.with(iommu));
        }
        if ((w.c[w.at.iommuFlags + iommu] & Layout.P_SHADOWED) != 0) {
            return goOn(w, device, Cause.SECOND_DRIVER.with(iommu));
        }
        if (first >= 0 && w.c[w.at.iommuDriver + first] - 1 != driver) {
            return goOn(w, device, Cause.DIFFERENT_DRIVERS.with(iommu));
        }
        if (first >= 0 && first != iommu && w.t.policy.boot == Policy.BootRule.FIXPOINT) {
            // Xen has room for one IOMMU per device (xen-grant sheet, B6).
            return goOn(w, device, Cause.IOMMU_ERROR.with(Errno.EINVAL.number() | iommu << 12));
        }
        return iommu;
    }

    /** Whether the allow list of an IOMMU's driver ends the list of entries at this one (sections 4.2.3 and 7.2). */
    static boolean refuses(Tables t, int driver, int device) {
        java.util.Set<String> allowed = t.drivers[driver].allowedClients();
        BoardDevice d = t.board.devices[device];
        return allowed != null && !t.parameters.ipmmuAllow().equals("all")
            && !allowed.contains(d.bus().equals("pci") ? "pci" : d.name());
    }

    private static int goOn(Work w, int device, int cause) {
        w.c[w.at.cause + device] = cause;
        return GO_ON;
    }
}
