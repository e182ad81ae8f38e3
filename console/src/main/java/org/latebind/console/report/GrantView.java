package org.latebind.console.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.hardware.xen.BackendDomains;
import org.latebind.hardware.xen.GrantInspection;

/**
 * What is known of grants at one moment, from both sides of the hypervisor.
 *
 * @param drivers  what the grant drivers tell; not null
 * @param backends mappings of the other domains, by domain id ascending; not null
 */
public record GrantView(List<GrantInspection.Snapshot> drivers, Map<Integer, List<BackendDomains.Mapping>> backends) {

    /**
     * Asks everybody.
     *
     * @param inspections the drivers that are there
     * @param domains     the other domains, or null on a machine without hypervisor
     */
    public static GrantView of(List<GrantInspection> inspections, BackendDomains domains) {
        List<GrantInspection.Snapshot> drivers = new ArrayList<>();
        for (GrantInspection inspection : inspections) {
            drivers.add(inspection.snapshot());
        }
        Map<Integer, List<BackendDomains.Mapping>> backends = new LinkedHashMap<>();
        if (domains != null) {
            domains.domids().forEach(domid -> backends.put(domid, domains.mappings(domid)));
        }
        return new GrantView(List.copyOf(drivers), backends);
    }

    /** Backend domain by the path of the device it serves. */
    public Map<String, Integer> backendByDevice() {
        Map<String, Integer> result = new TreeMap<>();
        for (GrantInspection.Snapshot driver : drivers) {
            driver.devices().forEach(client -> result.put(client.path(), client.backend()));
        }
        return result;
    }
}
