package org.latebind.console.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverStatus;
import org.latebind.runtime.GroupStatus;
import org.latebind.runtime.IommuStatus;
import org.latebind.runtime.LogEntry;
import org.latebind.runtime.Reason;

/** A snapshot as text for people. Every method is a pure function; widths are in characters, 0 for unlimited. */
public final class CoreText {

    private static final int REASON_DEPTH_MAX = 12;
    private static final int STREAMS_SHOWN_MAX = 6;
    private static final double NANOS_PER_SECOND = 1e9;

    private CoreText() {
    }

    /** All devices that a driver holds or that have anything to do with an IOMMU; with {@code all} every device. */
    public static String devices(CoreSnapshot snapshot, boolean all, int width) {
        return devices(snapshot, all, width, Map.of());
    }

    /**
     * The same with the backend domain of each device that works by grants in place of its stream.
     *
     * @param backends domain id by device path
     */
    public static String devices(CoreSnapshot snapshot, boolean all, int width, Map<String, Integer> backends) {
        TextTable table = new TextTable("DEVICE", "OUTCOME", "DRIVER", "GROUP", "IOMMU", "STREAMS");
        for (DeviceStatus device : snapshot.devices()) {
            if (all || device.bound() || device.iommu() != null || !"NO_DRIVER".equals(device.outcome())) {
                table.row(device.path(), device.outcome(), device.driver(), device.group(), device.iommu(),
                        backends.containsKey(device.path()) ? "backend " + backends.get(device.path())
                                : streams(device.streams()));
            }
        }
        return table.format(width) + summary(snapshot) + "\n";
    }

    /** Counts of outcomes in one line. */
    public static String summary(CoreSnapshot snapshot) {
        Map<String, Integer> counts = new TreeMap<>();
        for (DeviceStatus device : snapshot.devices()) {
            counts.merge(device.outcome(), 1, Integer::sum);
        }
        List<String> parts = new ArrayList<>();
        counts.forEach((outcome, count) -> parts.add(count + " " + outcome));
        return snapshot.devices().size() + " devices: " + String.join(", ", parts);
    }

    /** The deferred list in its order, each device with its reason tree. */
    public static String deferred(CoreSnapshot snapshot) {
        if (snapshot.deferred().isEmpty()) {
            return "no device is deferred\n";
        }
        StringBuilder text = new StringBuilder();
        for (String path : snapshot.deferred()) {
            text.append(path).append('\n');
            snapshot.device(path).map(DeviceStatus::reason).ifPresent(reason -> text.append(reason(reason, 1)));
        }
        return text.toString();
    }

    /** The deferred list, one line for each device with the first branch of its reason. */
    public static List<String> waiting(CoreSnapshot snapshot) {
        List<String> lines = new ArrayList<>();
        for (String path : snapshot.deferred()) {
            Reason reason = snapshot.device(path).map(DeviceStatus::reason).orElse(null);
            lines.add(path + " waits" + (reason == null ? "" : ": " + chain(reason)));
        }
        return lines;
    }

    /** The first branch of a reason tree in one line: property, supplier, compatible string, module. */
    public static String chain(Reason reason) {
        List<String> parts = new ArrayList<>();
        List<Reason> causes = reason.causes();
        for (int depth = 0; depth < REASON_DEPTH_MAX && !causes.isEmpty(); depth++) {
            parts.add(causes.get(0).text());
            causes = causes.get(0).causes();
        }
        return parts.isEmpty() ? reason.text() : String.join("; ", parts);
    }

    /** A reason tree, one line each, indented by its depth. */
    public static String reason(Reason reason, int depth) {
        StringBuilder text = new StringBuilder("  ".repeat(depth)).append(reason.text()).append('\n');
        if (depth < REASON_DEPTH_MAX) {
            for (Reason cause : reason.causes()) {
                text.append(reason(cause, depth + 1));
            }
        }
        return text.toString();
    }

    /** Registered IOMMU units with their clients and domains. */
    public static String iommus(CoreSnapshot snapshot, int width) {
        TextTable table = new TextTable("IOMMU", "DRIVER", "CLIENTS", "DOMAINS");
        for (IommuStatus iommu : snapshot.iommus()) {
            table.row(iommu.path(), iommu.driver(), iommu.clients().size(), String.join("; ", iommu.domains()));
        }
        return table.size() == 0 ? "no IOMMU is registered\n" : table.format(width);
    }

    /** Groups with their default domain and members. */
    public static String groups(CoreSnapshot snapshot, int width) {
        TextTable table = new TextTable("GROUP", "IOMMU", "TYPE", "DOMAIN", "MEMBERS");
        for (GroupStatus group : snapshot.groups()) {
            table.row(group.number(), group.iommu(), group.domainType(), group.domain(), String.join(" ", group.members()));
        }
        return table.size() == 0 ? "no group exists\n" : table.format(width);
    }

    /** Registered drivers. */
    public static String drivers(CoreSnapshot snapshot, int width) {
        TextTable table = new TextTable("DRIVER", "BUNDLE", "IOMMU", "DEVICES");
        for (DriverStatus driver : snapshot.drivers()) {
            table.row(driver.name() + (driver.departing() ? " (departing)" : ""), driver.bundle(), driver.iommu() ? "yes" : "no",
                    driver.devices().size());
        }
        return table.size() == 0 ? "no driver is registered\n" : table.format(width);
    }

    /** One log line with its virtual time, as the kernel prints it. */
    public static String line(LogEntry entry) {
        String subject = entry.subject().isEmpty() ? "" : entry.subject() + ": ";
        String extra = entry.kind() == LogEntry.Kind.GROUP_JOINED
                ? " behind " + entry.details().get("iommu") + ", stream " + entry.details().get("ids") : "";
        return String.format(Locale.ROOT, "[%12.6f] %s%s%s", entry.timeNanos() / NANOS_PER_SECOND, subject, entry.text(), extra);
    }

    private static String streams(List<Integer> ids) {
        if (ids.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(ids.size(), STREAMS_SHOWN_MAX); i++) {
            text.append(i == 0 ? "" : ",").append(Integer.toUnsignedString(ids.get(i)));
        }
        return ids.size() > STREAMS_SHOWN_MAX ? text + ",... (" + ids.size() + ")" : text.toString();
    }
}
