package org.latebind.probe;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.latebind.driver.Errno;

/** Makes the reason tree of a device from a state. */
final class Explanation {

    private static final int DEPTH_MAX = 12;

    private final Cells s;
    private final BitSet seen = new BitSet();

    /** Modules nothing of which was ever loaded; may be null. */
    private final InstalledModules installed;

    private Explanation(Cells s, InstalledModules installed) {
        this.s = s;
        this.installed = installed;
    }

    static Reason of(Cells s, int device, InstalledModules installed) {
        return new Explanation(s, installed).device(device, Reason.Kind.DEVICE, "", 0);
    }

    private Reason device(int device, Reason.Kind kind, String property, int depth) {
        String path = s.t.board.devices[device].path();
        if (seen.get(device) || depth > DEPTH_MAX) {
            return new Reason(kind, path, property, "see above", List.of());
        }
        seen.set(device);
        Outcome outcome = s.outcome(device);
        List<Reason> causes = new ArrayList<>();
        String text;
        if (!s.present(device)) {
            text = "does not exist yet";
            int creator = s.t.board.devices[device].creator();
            if (creator >= 0) {
                causes.add(device(creator, Reason.Kind.SUPPLIER, "", depth + 1));
            }
        } else if (!outcome.isBound() && !s.anyDriverMatches(device)) {
            int only = s.override(device) - 1;
            text = only >= 0 ? "driver_override lets only " + s.t.catalogue.driver(only).name() + " match it"
                : s.listed(device) ? "its driver is gone" : "no registered driver matches";
            candidates(device, causes);
        } else {
            text = cause(device, s.c[s.at.cause + device], causes, depth);
        }
        return new Reason(kind, path, property, outcome + ": " + text, causes);
    }

    /** The modules that would help a device without driver. */
    private void candidates(int device, List<Reason> causes) {
        for (int r : s.t.driversOfDevice[device]) {
            if (!s.registered(r) && s.allowed(device, r)) {
                String module = s.t.catalogue.module(s.t.moduleOfDriver[r]).name();
                causes.add(new Reason(Reason.Kind.MODULE, module, "compatible", "its driver " + s.t.catalogue.driver(r).name()
                    + " drives " + compatible(device), List.of()));
            }
        }
        if (!causes.isEmpty()) {
            return;
        }
        for (String module : installed == null ? List.<String>of() : installed.of(device)) {
            causes.add(new Reason(Reason.Kind.MODULE, module, "compatible", "bundle " + module + " would drive it: load "
                + module, List.of()));
        }
        if (causes.isEmpty() && s.t.driversOfDevice[device].length == 0) {
            causes.add(new Reason(Reason.Kind.NOTHING, compatible(device), "compatible", "no known module or bundle drives it",
                List.of()));
        }
    }

    private String compatible(int device) {
        BoardDevice d = s.t.board.devices[device];
        return d.compatible().isEmpty() ? d.modalias() == null ? d.name() : d.modalias() : d.compatible().get(0);
    }

    private String cause(int device, int packed, List<Reason> causes, int depth) {
        int x = Cause.argument(packed);
        switch (Cause.kind(packed)) {
            case LINK, NODE:
                return link(x, causes, depth);
            case IOMMU_WAIT:
                return iommu(device, x, causes, depth, "waits for its IOMMU");
            case IOMMU_TIMED_OUT:
                return iommu(device, x, causes, depth, "the wait for its IOMMU timed out");
            case IOMMU_ASSUMED_NONE:
                return iommu(device, x, causes, depth, "no driver was assumed to come for its IOMMU");
            case IOMMU_DISABLED:
                return iommu(device, x, causes, depth, "its IOMMU is disabled");
            case IOMMU_REFUSED:
                return iommu(device, x, causes, depth, "by policy: the driver of the IOMMU does not translate this device");
            case IOMMU_LEFT:
                return iommu(device, x, causes, depth, "its IOMMU was unbound");
            case AT_CREATION:
                return iommu(device, x, causes, depth, "its IOMMU was not there when the device was created");
            case MIXED:
                return iommu(device, x, causes, depth, "one of its IOMMUs was ready, this one absent: treated as an error");
            case NO_TRANSLATION:
                return iommu(device, x, causes, depth, "the driver of its IOMMU translates nobody");
            case IMPOSSIBLE:
                return iommu(device, x, causes, depth, "its IOMMU can never become a device");
            case DIFFERENT_DRIVERS:
                return iommu(device, x, causes, depth, "its IOMMUs have different drivers");
            case SECOND_DRIVER:
                return iommu(device, x, causes, depth, "another IOMMU driver came first and owns the buses");
            case LEGACY:
                return iommu(device, x, causes, depth, "named in mmu-masters: nobody waits for that");
            case LEGACY_MISMATCH:
                return iommu(device, x, causes, depth, "mismatched DT properties: the first SMMU decided for all");
            default:
                return rest(device, packed, causes, depth);
        }
    }

    private String rest(int device, int packed, List<Reason> causes, int depth) {
        int x = Cause.argument(packed);
        switch (Cause.kind(packed)) {
            case IOMMU_ERROR:
                String why = s.t.streams.explain(s, device, x >> 12);
                return iommu(device, x >> 12, causes, depth, "attaching to its IOMMU failed with " + errno(x & 0xfff)
                    + (why == null ? "" : ": " + why));
            case DRIVER_DEFERRED:
                return asked(device, x, causes, depth);
            case REPROBE_LOOP:
                return asked(device, x, causes, depth)
                    + ", after it has created devices; they bind, go again with the failed probe, and start it anew";
            case DRIVER_FAILED:
                return "probe failed with " + errno(x & 0xfff);
            case PIN_WAIT:
                return pins(x, causes, depth);
            case DOMAIN_WAIT:
                node(x, "power-domains", causes, depth);
                return "waits for its power domain";
            case DOMAIN_TIMED_OUT:
                node(x, "power-domains", causes, depth);
                return "the wait for its power domain timed out, for good";
            case SUSPENDED:
                return "probing is suspended";
            case SUPPLIER_LEFT:
                causes.add(device(x, Reason.Kind.SUPPLIER, "", depth + 1));
                return "its supplier was unbound";
            case CLIENT_ERROR:
                return "client " + s.t.board.devices[x].path() + " spoiled the registration";
            case BAD_ENTRY:
                return "its iommus property cannot be read";
            case NOT_MAPPED:
                return "its requester id is not in iommu-map";
            case UNBOUND_BY_HAND:
                return "driver " + s.t.catalogue.driver(x).name() + " left it";
            case PANIC:
                return "the hypervisor stopped";
            case NO_IOMMU:
                return "needs no IOMMU";
            default:
                return s.outcome(device) == Outcome.BOUND_IDENTITY ? "identity domain"
                    : s.bound(device) ? "bound" : "never tried";
        }
    }

    private String link(int link, List<Reason> causes, int depth) {
        String property = s.t.links.property[link];
        int supplier = s.supplierOf(link);
        if (supplier >= 0) {
            causes.add(device(supplier, Reason.Kind.SUPPLIER, property, depth + 1));
            return "waits for supplier " + s.deviceName(supplier);
        }
        node(s.t.links.supplierNode[link], property, causes, depth);
        return "waits for supplier node " + s.t.board.nodePath[s.t.links.supplierNode[link]];
    }

    private String pins(int group, List<Reason> causes, int depth) {
        int controller = Pins.controller(s.t.board, group);
        if (controller >= 0) {
            causes.add(device(controller, Reason.Kind.SUPPLIER, "pinctrl", depth + 1));
        } else {
            node(group, "pinctrl", causes, depth);
        }
        return "waits for the controller of its pins";
    }

    private void node(int node, String property, List<Reason> causes, int depth) {
        int device = s.t.board.nodeDevice[node];
        if (device >= 0) {
            causes.add(device(device, Reason.Kind.SUPPLIER, property, depth + 1));
        } else {
            String path = s.t.board.nodePath[node];
            int owner = ancestor(path);
            // Whoever names a part of a device (a pin group, a regulator of a PMIC) waits until that device is bound.
            List<Reason> behind = owner < 0 ? List.of()
                : List.of(device(owner, Reason.Kind.SUPPLIER, "", depth + 1));
            causes.add(new Reason(Reason.Kind.NODE, path, property, "a node that never becomes a device", behind));
        }
    }

    /** The nearest device above a node, or -1. */
    private int ancestor(String path) {
        for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            int device = s.t.board.deviceIndex(path.substring(0, slash));
            if (device >= 0) {
                return device;
            }
        }
        return -1;
    }

    private String iommu(int client, int iommu, List<Reason> causes, int depth, String text) {
        BoardDevice d = s.t.board.devices[client];
        String property = d.legacyIommu() == iommu ? "mmu-masters" : d.requesterId() >= 0 ? "iommu-map" : "iommus";
        int device = s.t.board.iommuDevice[iommu];
        if (device >= 0) {
            causes.add(device(device, Reason.Kind.IOMMU, property, depth + 1));
        } else {
            causes.add(new Reason(Reason.Kind.NODE, s.t.board.iommuPath(iommu), property, s.t.board.iommuAvailable[iommu]
                ? "never becomes a device" : "disabled", List.of()));
        }
        return text;
    }

    private String asked(int device, int index, List<Reason> causes, int depth) {
        String[] parts = Texts.text(s, index).split("\n", 2);
        for (BoardDevice.Asked asked : s.t.board.devices[device].askable()) {
            if (asked.node() >= 0 && s.t.board.nodePath[asked.node()].equals(parts[0])) {
                node(asked.node(), asked.property(), causes, depth);
                break;
            }
        }
        return "its driver waits for " + parts[0] + (parts[1].isEmpty() ? "" : " (" + parts[1] + ")");
    }

    private static String errno(int number) {
        Errno e = Errno.of(number);
        return e == null ? "error " + number : e.name() + " (-" + number + ")";
    }
}
