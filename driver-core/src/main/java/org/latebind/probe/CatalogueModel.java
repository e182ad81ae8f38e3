package org.latebind.probe;

import java.util.HashMap;
import java.util.Map;
import org.latebind.driver.Errno;

/** Answers as the catalogue and the board say; what the explorer and the conformance tests run on. Immutable. */
public final class CatalogueModel implements DriverModel {

    private final Tables t;
    private final ProbeAnswer[] plain;
    private final ProbeAnswer[] notIommu;

    CatalogueModel(Tables t) {
        this.t = t;
        plain = new ProbeAnswer[t.driverCount];
        notIommu = new ProbeAnswer[t.driverCount];
        for (int r = 0; r < plain.length; r++) {
            DriverDescription d = t.catalogue.driver(r);
            boolean bypass = (d.clientLinks() || d.legacyBinding()) && !t.parameters.disableBypass();
            boolean creates = d.createsDevices() != null;
            plain[r] = new ProbeAnswer.Bound(d.iommu(), bypass ? Unattached.BYPASS : d.unattached(), creates);
            notIommu[r] = new ProbeAnswer.Bound(false, Unattached.BYPASS, creates);
        }
    }

    /** Every text a deferral of this model can carry, numbered. */
    static Map<String, Integer> texts(Board board, ModuleCatalogue catalogue, int[][] driversOfDevice) {
        Map<String, Integer> texts = new HashMap<>();
        for (BoardDevice device : board.devices) {
            for (int r : driversOfDevice[device.index()]) {
                for (BoardDevice.Asked asked : device.askable()) {
                    if (catalogue.driver(r).suppliersAsked().contains(asked.property())) {
                        texts.putIfAbsent(supplier(board, asked) + "\n" + text(asked.property()), texts.size());
                    }
                }
            }
        }
        return texts;
    }

    private static String supplier(Board board, BoardDevice.Asked asked) {
        return asked.node() < 0 ? asked.property() : board.nodePath[asked.node()];
    }

    private static String text(String property) {
        if (property.endsWith("gpios") || property.endsWith("gpio")) {
            return "failed to get gpio";
        }
        if (property.endsWith("-supply")) {
            return "failed to get regulator";
        }
        if (property.equals("renesas,ipmmu-main")) {
            return "";
        }
        return "failed to get " + property;
    }

    @Override
    public ProbeAnswer probe(StateView state, int device, int driver) {
        BoardDevice d = t.board.devices[device];
        if (d.probeErrno() != 0) {
            return new ProbeAnswer.Failed(d.probeErrno(), "no device behind it");
        }
        DriverDescription description = t.catalogue.driver(driver);
        if (description.suppliersAsked().isEmpty()) {
            return plain[driver];
        }
        boolean root = description.iommu() && description.suppliersAsked().contains("renesas,ipmmu-main");
        for (BoardDevice.Asked asked : d.askable()) {
            if (description.suppliersAsked().contains(asked.property())) {
                root = false;
                if (!ready(state, asked.node())) {
                    return new ProbeAnswer.Deferred(supplier(t.board, asked), text(asked.property()));
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
        DriverDescription driver = t.catalogue.driver(state.driverOfIommu(iommu));
        if (driver.allowedClients() != null && !t.parameters.ipmmuAllow().equals("all")
                && !driver.allowedClients().contains(d.bus().equals("pci") ? "pci" : d.name())) {
            return new AttachAnswer.Refused("not in the allow list of " + driver.name());
        }
        if (driver.streamIdMax() != Integer.MAX_VALUE) {
            for (IommuEntry entry : d.iommus()) {
                if (entry.iommu() == iommu && entry.ids().length > 0
                        && Integer.compareUnsigned(entry.ids()[0], driver.streamIdMax()) > 0) {
                    return new AttachAnswer.Error(Errno.EINVAL.number(), "stream id out of range at device " + provider);
                }
            }
        }
        boolean legacy = d.iommus().isEmpty() && t.policy.legacy != Policy.Legacy.EDGES_FROM_TREE;
        return t.parameters.passthrough() || legacy ? AttachAnswer.IDENTITY : AttachAnswer.TRANSLATED;
    }
}
