package org.latebind.probe;

import java.util.Arrays;

/** Writes down all of a slice that can decide anything, without names. */
final class Shape {

    private Shape() {
    }

    static String of(Tables t, Packing packing, long[] initial) {
        StringBuilder s = new StringBuilder(512);
        for (int d = 0; d < t.deviceCount; d++) {
            device(t, d, s);
        }
        for (int r = 0; r < t.driverCount; r++) {
            DriverDescription x = t.catalogue.driver(r);
            s.append('r').append(t.moduleOfDriver[r]).append(t.catalogue.module(t.moduleOfDriver[r]).builtin())
                .append(t.busOfDriver[r]).append(t.asyncDriver[r]).append(x.iommu()).append(x.translates()).append(x.unattached())
                .append(x.enabledAfterRemove()).append(x.createsDevices()).append(x.manualBind()).append(x.clientLinks())
                .append(x.deferBecomesError()).append(x.legacyBinding()).append(x.suppliersAsked().isEmpty())
                .append(x.iommu() && x.suppliersAsked().contains("renesas,ipmmu-main"))
                .append(x.createsBeforeAsking() ? "!" : "");
        }
        s.append('m').append(t.moduleCount);
        for (int p = 0; p < t.iommuCount; p++) {
            s.append('p').append(t.board.iommuAvailable[p]).append(t.board.iommuDevice[p]).append(t.iommuKnown[p])
                .append(t.iommuBuiltin[p]).append(t.iommuEarly[p]);
        }
        for (int l = 0; l < t.links.size(); l++) {
            s.append('l').append(t.links.consumer[l]).append(',').append(t.links.supplier[l]).append(',')
                .append(t.links.adopter[l]);
        }
        s.append(Arrays.deepToString(t.links.ofConsumer)).append(Arrays.deepToString(t.links.ofSupplier));
        s.append(Arrays.toString(packing.moving)).append(Arrays.toString(initial)).append(packing.fixedPart());
        return s.toString();
    }

    private static void device(Tables t, int d, StringBuilder s) {
        BoardDevice x = t.board.devices[d];
        s.append('d').append(t.board.busOfDevice[d]).append(t.dmaBus[d]).append(Arrays.toString(t.iommusOf[d]))
            .append(x.legacyIommu()).append(x.creator()).append(x.namedLate()).append(x.probeErrno()).append(t.pinsBroken[d])
            .append(t.partition[d])
            .append(t.streams.shape(d)).append(t.board.iommuOfDevice[d]).append(Arrays.toString(t.driversOfDevice[d]));
        for (int group : t.pins[d]) {
            s.append('i').append(Pins.controller(t.board, group));
            node(t, group, s);
        }
        if (x.powerDomain() >= 0) {
            s.append('n');
            node(t, x.powerDomain(), s);
        }
        for (int r : t.driversOfDevice[d]) {
            for (BoardDevice.Asked asked : x.askable()) {
                if (t.catalogue.driver(r).suppliersAsked().contains(asked.property())) {
                    s.append('a').append(r);
                    node(t, asked.node(), s);
                }
            }
        }
        // How an IOMMU's driver takes it.
        for (int r = 0; r < t.driverCount; r++) {
            DriverDescription driver = t.catalogue.driver(r);
            if (driver.iommu() && t.iommusOf[d].length > 0) {
                s.append('t').append(driver.allowedClients() == null || t.parameters.ipmmuAllow().equals("all")
                    || driver.allowedClients().contains(x.bus().equals("pci") ? "pci" : x.name()));
                for (IommuEntry e : x.iommus()) {
                    s.append(e.ids().length > 0 && Integer.compareUnsigned(e.ids()[0], driver.streamIdMax()) > 0 ? '!' : '.');
                }
            }
        }
    }

    private static void node(Tables t, int node, StringBuilder s) {
        for (int n = node; n >= 0; n = t.board.nodeParent[n]) {
            if (t.board.nodeEarly[n] || t.board.nodeDevice[n] >= 0) {
                s.append(n == node).append(t.board.nodeEarly[n]).append(t.board.nodeDevice[n]);
                if (!t.board.nodeEarly[n]) {
                    return;
                }
            }
        }
    }
}
