package org.latebind.console.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.hardware.xen.BackendDomains;
import org.latebind.hardware.xen.GrantInspection;
import org.latebind.hardware.xen.GrantLedger;

/** Grants for people and as a document. Every method is a pure function. */
public final class GrantText {

    private GrantText() {
    }

    /**
     * The table, its clients and every grant.
     *
     * @param width characters of a line, or {@link TextTable#UNLIMITED}
     */
    public static String text(GrantView view, int width) {
        StringBuilder text = new StringBuilder();
        for (GrantInspection.Snapshot driver : view.drivers()) {
            text.append(driver(driver, width));
        }
        if (text.isEmpty()) {
            text.append("no grant driver is there\n");
        }
        TextTable mappings = new TextTable("BACKEND", "HANDLE", "REF", "ADDRESS", "ACCESS");
        view.backends().forEach((domid, all) -> all.forEach(mapping -> mappings.row(domid, mapping.handle(), mapping.ref(),
                hex(mapping.hostAddress()), mapping.readOnly() ? "ro" : "rw")));
        return mappings.size() == 0 ? text.toString() : text.append(mappings.format(width)).toString();
    }

    private static String driver(GrantInspection.Snapshot driver, int width) {
        StringBuilder text = new StringBuilder();
        if (driver.units().isEmpty()) {
            text.append("no grant node is bound\n");
        } else {
            text.append(String.join(", ", driver.units())).append(": version ").append(driver.version()).append(", ")
                    .append(driver.frames()).append(driver.frames() == 1 ? " frame, " : " frames, ")
                    .append(driver.entries()).append(" entries, ").append(driver.free()).append(" free\n");
        }
        TextTable clients = new TextTable("DEVICE", "BACKEND", "GRANTS", "STATE");
        driver.devices().forEach(client -> clients.row(client.path(), client.backend(), client.references(),
                client.broken() == null ? "ok" : "broken: " + client.broken()));
        TextTable grants = new TextTable("REF", "DEVICE", "BACKEND", "FRAME", "ACCESS", "IN USE");
        driver.grants().forEach(grant -> grants.row(grant.ref(), grant.device(), grant.backend(), hex(grant.frame()),
                grant.readOnly() ? "ro" : "rw", use(grant)));
        TextTable kept = new TextTable("KEPT REFS", "DEVICE", "FROM FRAME");
        for (GrantLedger.Leftover left : driver.leftovers()) {
            kept.row(left.firstRef() + "-" + (left.firstRef() + left.count() - 1), left.device(), hex(left.firstFrame()));
        }
        for (TextTable table : List.of(clients, grants, kept)) {
            if (table.size() > 0) {
                text.append(table.format(width));
            }
        }
        return text.toString();
    }

    private static String use(GrantInspection.Grant grant) {
        if (grant.writing()) {
            return "reading, writing";
        }
        return grant.reading() ? "reading" : "";
    }

    private static String hex(long number) {
        return "0x" + Long.toHexString(number);
    }

    /** The same as maps and lists in the order of their keys. */
    public static Map<String, Object> document(GrantView view) {
        Map<String, Object> document = new LinkedHashMap<>();
        List<Object> drivers = new ArrayList<>();
        view.drivers().forEach(driver -> drivers.add(driverDocument(driver)));
        document.put("drivers", drivers);
        List<Object> mappings = new ArrayList<>();
        view.backends().forEach((domid, all) -> all.forEach(mapping -> mappings.add(mappingDocument(domid, mapping))));
        document.put("mappings", mappings);
        return document;
    }

    private static Map<String, Object> driverDocument(GrantInspection.Snapshot driver) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("units", new ArrayList<>(driver.units()));
        row.put("version", driver.version());
        row.put("frames", driver.frames());
        row.put("entries", driver.entries());
        row.put("free", driver.free());
        List<Object> clients = new ArrayList<>();
        for (GrantInspection.Client client : driver.devices()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("device", client.path());
            entry.put("backend", client.backend());
            entry.put("grants", client.references());
            entry.put("broken", client.broken());
            clients.add(entry);
        }
        row.put("devices", clients);
        List<Object> grants = new ArrayList<>();
        for (GrantInspection.Grant grant : driver.grants()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("ref", grant.ref());
            entry.put("device", grant.device());
            entry.put("backend", grant.backend());
            entry.put("frame", grant.frame());
            entry.put("readOnly", grant.readOnly());
            entry.put("reading", grant.reading());
            entry.put("writing", grant.writing());
            grants.add(entry);
        }
        row.put("grants", grants);
        List<Object> kept = new ArrayList<>();
        for (GrantLedger.Leftover left : driver.leftovers()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("device", left.device());
            entry.put("firstRef", left.firstRef());
            entry.put("count", left.count());
            entry.put("firstFrame", left.firstFrame());
            kept.add(entry);
        }
        row.put("kept", kept);
        return row;
    }

    private static Map<String, Object> mappingDocument(int domid, BackendDomains.Mapping mapping) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("backend", domid);
        entry.put("handle", mapping.handle());
        entry.put("ref", mapping.ref());
        entry.put("address", mapping.hostAddress());
        entry.put("readOnly", mapping.readOnly());
        return entry;
    }
}
