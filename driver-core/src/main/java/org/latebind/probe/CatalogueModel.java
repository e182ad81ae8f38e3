package org.latebind.probe;

import org.latebind.driver.Errno;

/** Answers as the catalogue and the board say; what the explorer and the conformance tests run on. Immutable. */
public final class CatalogueModel implements DriverModel {

    private final Tables t;
    private final ProbeAnswer[] plain;
    private final ProbeAnswer[] notIommu;
    private final boolean[] asks;
    /** An IPMMU that names no root is the root: bound, but nobody's IOMMU. */
    private final boolean[] rootWhenAlone;

    CatalogueModel(Tables t) {
        this.t = t;
        plain = new ProbeAnswer[t.driverCount];
        notIommu = new ProbeAnswer[t.driverCount];
        asks = new boolean[t.driverCount];
        rootWhenAlone = new boolean[t.driverCount];
        for (int r = 0; r < plain.length; r++) {
            DriverDescription d = t.drivers[r];
            boolean bypass = (d.clientLinks() || d.legacyBinding()) && !t.parameters.disableBypass();
            asks[r] = !d.suppliersAsked().isEmpty();
            rootWhenAlone[r] = d.iommu() && d.suppliersAsked().contains("renesas,ipmmu-main");
            boolean creates = d.createsDevices() != null;
            plain[r] = new ProbeAnswer.Bound(d.iommu(), bypass ? Unattached.BYPASS : d.unattached(), creates);
            notIommu[r] = new ProbeAnswer.Bound(false, Unattached.BYPASS, creates);
        }
    }

    @Override
    public ProbeAnswer probe(StateView state, int device, int driver) {
        BoardDevice d = t.board.devices[device];
        if (d.probeErrno() != 0) {
            return new ProbeAnswer.Failed(d.probeErrno(), "no device behind it");
        }
        if (!asks[driver]) {
            return plain[driver];
        }
        boolean root = rootWhenAlone[driver];
        for (Asking asking : t.askings[device]) {
            if (asking.by(driver)) {
                root = false;
                if (!ready(state, asking.node)) {
                    return asking.answer;
                }
            }
        }
        return root ? notIommu[driver] : plain[driver];
    }

    private boolean ready(StateView state, int node) {
        for (int n = node; n >= 0; n = t.board.nodeParent[n]) {
            if (t.board.nodeEarly[n]) {
                return true;
            }
            int supplier = t.board.nodeDevice[n];
            if (supplier >= 0) {
                return state.bound(supplier) || t.parameters.unknownSuppliersReady() && t.driversOfDevice[supplier].length == 0;
            }
        }
        return t.parameters.unknownSuppliersReady();
    }

    @Override
    public AttachAnswer attach(StateView state, int device, int iommu) {
        BoardDevice d = t.board.devices[device];
        int provider = t.board.iommuDevice[iommu];
        DriverDescription driver = t.drivers[state.driverOfIommu(iommu)];
        if (DmaSetup.refuses(t, state.driverOfIommu(iommu), device)) {
            return new AttachAnswer.Refused("not in the allow list of " + driver.name());
        }
        if (driver.streamIdMax() != Integer.MAX_VALUE) {
            for (IommuEntry entry : d.iommus()) {
                // The ids of all entries arrive at the first instance (section 4.4).
                if (entry.iommu() >= 0 && entry.ids().length > 0 && Integer.compareUnsigned(entry.ids()[0], driver.streamIdMax()) > 0) {
                    Errno errno = driver.grouping() == DriverDescription.Grouping.EXCLUSIVE ? Errno.ERANGE : Errno.EINVAL;
                    return new AttachAnswer.Error(errno.number(), "stream id out of range at device " + provider);
                }
            }
        }
        boolean legacy = d.iommus().isEmpty() && t.policy.legacy != Policy.Legacy.EDGES_FROM_TREE;
        boolean identity = t.parameters.passthrough() || legacy;
        if (t.streams.tied(device)) {
            Cells cells = (Cells) state;
            int other = t.streams.meets(cells, device, iommu);
            return other == StreamEntries.REFUSED ? new AttachAnswer.Error(Errno.EINVAL.number(),
                t.streams.explain(cells, device, iommu)) : new AttachAnswer.Attached(identity, other);
        }
        return identity ? AttachAnswer.IDENTITY : AttachAnswer.TRANSLATED;
    }
}
