package org.latebind.console.web;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.latebind.console.module.DriverModules;
import org.latebind.console.report.CoreReport;
import org.latebind.hardware.Finding;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverStatus;
import org.latebind.runtime.GroupStatus;
import org.latebind.runtime.IommuStatus;

/** What changed between two states of the page, as a document: a key that is absent has not changed. Pure. */
final class StateDelta {

    private static final double NANOS_PER_SECOND = 1e9;

    private StateDelta() {
    }

    /**
     * Compares.
     *
     * @param before what the reader has, or null for nothing
     * @param after  what is there now; not null
     * @return the document; empty when nothing changed
     */
    static Map<String, Object> between(PageState before, PageState after) {
        Map<String, Object> delta = new LinkedHashMap<>();
        CoreSnapshot old = before == null ? null : before.core();
        CoreSnapshot now = after.core();
        if (old != now) {
            part(delta, "board", old, now, CoreSnapshot::board);
            part(delta, "policy", old, now, CoreSnapshot::policy);
            part(delta, "parameters", old, now, CoreSnapshot::parameters);
            part(delta, "events", old, now, CoreSnapshot::events);
            part(delta, "time", old, now, snapshot -> snapshot.timeNanos() / NANOS_PER_SECOND);
            part(delta, "deferred", old, now, CoreSnapshot::deferred);
            part(delta, "iommus", old, now, snapshot -> snapshot.iommus().stream().map(StateDelta::iommu).toList());
            part(delta, "groups", old, now, snapshot -> snapshot.groups().stream().map(StateDelta::group).toList());
            part(delta, "drivers", old, now, snapshot -> snapshot.drivers().stream().map(StateDelta::driver).toList());
            devices(delta, old, now);
        }
        part(delta, "modules", before, after, state -> state.modules().stream().map(StateDelta::module).toList());
        part(delta, "findings", before, after, state -> state.findings().stream().map(StateDelta::finding).toList());
        part(delta, "clients", before, after, state -> new TreeMap<>(state.clients()));
        return delta;
    }

    private static <T> void part(Map<String, Object> delta, String key, T before, T after, Function<T, Object> read) {
        Object now = read.apply(after);
        if (before == null || !Objects.equals(read.apply(before), now)) {
            delta.put(key, now);
        }
    }

    private static void devices(Map<String, Object> delta, CoreSnapshot old, CoreSnapshot now) {
        Map<String, DeviceStatus> known = new HashMap<>();
        if (old != null) {
            old.devices().forEach(device -> known.put(device.path(), device));
        }
        List<Object> changed = new ArrayList<>();
        for (DeviceStatus device : now.devices()) {
            if (!device.equals(known.remove(device.path()))) {
                changed.add(device(device));
            }
        }
        if (!changed.isEmpty()) {
            delta.put("devices", changed);
        }
        if (!known.isEmpty()) {
            delta.put("removed", known.keySet().stream().sorted().toList());
        }
    }

    private static Map<String, Object> device(DeviceStatus device) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("path", device.path());
        row.put("name", device.name());
        row.put("compatible", device.compatible());
        row.put("driver", device.driver());
        row.put("outcome", device.outcome());
        row.put("iommu", device.iommu());
        row.put("group", device.group());
        row.put("streams", device.streams());
        row.put("reason", device.reason() == null ? null : CoreReport.reason(device.reason()));
        row.put("boundAt", device.boundAtNanos().stream().map(nanos -> nanos / NANOS_PER_SECOND).toList());
        return row;
    }

    private static Map<String, Object> iommu(IommuStatus unit) {
        return row("path", unit.path(), "driver", unit.driver(), "clients", unit.clients(), "domains", unit.domains());
    }

    private static Map<String, Object> group(GroupStatus group) {
        return row("number", group.number(), "iommu", group.iommu(), "type", String.valueOf(group.domainType()), "domain",
                group.domain(), "members", group.members());
    }

    private static Map<String, Object> driver(DriverStatus driver) {
        return row("name", driver.name(), "bundle", driver.bundle(), "compatible", driver.compatible(), "iommu", driver.iommu(),
                "devices", driver.devices(), "departing", driver.departing());
    }

    private static Map<String, Object> module(DriverModules.Module module) {
        return row("name", module.name(), "version", module.version(), "loaded", module.loaded(), "drivers", module.drivers(),
                "compatible", module.compatible());
    }

    private static Map<String, Object> finding(Finding finding) {
        return row("rule", finding.rule(), "device", finding.device(), "detail", finding.detail());
    }

    private static Map<String, Object> row(Object... pairs) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            row.put((String) pairs[i], pairs[i + 1]);
        }
        return row;
    }
}
