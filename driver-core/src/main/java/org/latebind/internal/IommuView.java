package org.latebind.internal;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.latebind.iommu.Domain;
import org.latebind.iommu.core.Group;
import org.latebind.iommu.core.IommuCore;
import org.latebind.iommu.core.StreamClient;
import org.latebind.iommu.core.Unit;
import org.latebind.runtime.GroupStatus;
import org.latebind.runtime.IommuStatus;

/**
 * The IOMMU side of a snapshot; immutable.
 *
 * @param units   registered units, in order of registration
 * @param groups  by number
 * @param streams stream ids of the attached devices, by path
 */
record IommuView(List<IommuStatus> units, List<GroupStatus> groups, Map<String, List<Integer>> streams) {

    static final IommuView EMPTY = new IommuView(List.of(), List.of(), Map.of());

    /** Copies what is there now; drivers describe their domains, so this is a call into each. */
    static IommuView of(IommuCore core, Describer describer) {
        Map<String, List<Integer>> streams = new HashMap<>();
        List<GroupStatus> groups = core.groups().stream().map(group -> {
            group.members().forEach(member -> streams.put(member.path(), idsOf(member)));
            String domain = describer.describe(group.unit().driver(), group.current());
            return new GroupStatus(group.number(), group.unit().path(), group.defaultDomain().type(), domain,
                    paths(group.members()));
        }).toList();
        List<IommuStatus> units = core.units().stream()
                .map(unit -> new IommuStatus(unit.path(), unit.driver(), paths(unit.clients()), domainsOf(unit, core, groups)))
                .toList();
        return new IommuView(units, groups, streams);
    }

    /** Asks a driver for one line on a domain, and contains it. */
    interface Describer {

        /** One line, or a substitute when the driver does not answer; not null. */
        String describe(String driver, Domain domain);
    }

    private static List<String> domainsOf(Unit unit, IommuCore core, List<GroupStatus> groups) {
        Set<String> lines = new LinkedHashSet<>();
        for (Group group : core.groups()) {
            if (group.unit() == unit) {
                GroupStatus status = groups.stream().filter(one -> one.number() == group.number()).findFirst().orElseThrow();
                lines.add((group.current().type() + " " + status.domain()).strip());
            }
        }
        return List.copyOf(lines);
    }

    private static List<String> paths(Iterable<StreamClient> clients) {
        List<String> paths = new java.util.ArrayList<>();
        clients.forEach(client -> paths.add(client.path()));
        return List.copyOf(paths);
    }

    private static List<Integer> idsOf(StreamClient client) {
        return java.util.Arrays.stream(client.ids()).boxed().toList();
    }
}
