package org.latebind.ipmmu.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The stored Gen3 traces of both modes side by side, with names instead of offsets: the table of {@code docs/two-modes.md}.
 * Reads offsets by the register map of the IPMMU sheet, not by the driver's own.
 */
final class TracePage {

    private static final Pattern WRITE = Pattern.compile("([0-9a-f]{8}) \\+0x([0-9a-f]+) = (.*)");
    private static final Map<String, String> UNITS = Map.of("e67b0000", "mm", "e6740000", "ds0", "e6741000", "ds1");
    private static final Map<Integer, String> CONTEXT = Map.of(0x00, "IMCTR", 0x08, "IMTTBCR", 0x10, "IMTTLBR0", 0x14, "IMTTUBR0",
            0x20, "IMSTR", 0x28, "IMMAIR0");

    /** Step, section of a Linux file, section of a Xen file; a section is named by how it begins. */
    private static final String[][] ROWS = {
        {"probe of the root", "linux-gen3.txt:4.1 probe of the root", "xen-gen3.txt:6.2 probe of the root"},
        {"probe of a leaf", "linux-gen3.txt:4.1 probe of a leaf", "xen-gen3.txt:6.2 probe of a leaf"},
        {"first client, device", "linux-gen3.txt:4.2, 4.3, 4.4", "xen-gen3.txt:6.8 first device"},
        {"second on that leaf", "linux-gen3.txt:4.3 second client", "xen-gen3.txt:6.8 second device"},
        {"one behind another leaf", "linux-gen3-edges.txt:4.3 client of another", "xen-gen3.txt:6.8 device behind another"},
        {"micro-TLB in other hands", "", "xen-gen3-edges.txt:6.8 second micro-TLB is another"},
        {"eighth context", "linux-gen3-edges.txt:4.2 all contexts", "xen-gen3-edges.txt:6.8 all contexts"},
        {"mapping", "linux-gen3.txt:map:", ""},
        {"invalidation", "linux-gen3.txt:4.6", "xen-gen3-edges.txt:6.13 invalidation: every"},
        {"fault", "linux-gen3.txt:4.8", "xen-gen3.txt:6.14"},
        {"resume", "linux-gen3.txt:4.9", "xen-gen3.txt:4.9 resume"},
        {"one leaves, others stay", "linux-gen3.txt:4.5 first", "xen-gen3.txt:6.9 a device"},
        {"the last leaves", "linux-gen3.txt:4.5, 4.7", "xen-gen3.txt:6.9 the last"},
        {"guest destroyed", "", "xen-gen3.txt:6.12 destroy"},
        {"leaf, then root removed; unload", "linux-gen3.txt:4.10 remove of the leaf+linux-gen3.txt:4.10 remove of the root",
            "xen-gen3.txt:unload"},
    };

    private TracePage() {
    }

    /** The table in Markdown. */
    static String table() {
        StringBuilder text = new StringBuilder("| step | Linux mode | Xen mode |\n|---|---|---|\n");
        for (String[] row : ROWS) {
            text.append("| ").append(row[0]).append(" | ").append(cell(row[1])).append(" | ").append(cell(row[2])).append(" |\n");
        }
        return text.toString();
    }

    private static String cell(String sections) {
        if (sections.isEmpty()) {
            return "-";
        }
        List<String[]> writes = new ArrayList<>();
        for (String section : sections.split("\\+")) {
            String[] place = section.split(":", 2);
            writes.addAll(section(Golden.stored(place[0]), place[1]));
        }
        return writes.isEmpty() ? "nothing" : String.join("; ", grouped(writes));
    }

    /** Writes of a section as unit, register, index and value. */
    private static List<String[]> section(String trace, String title) {
        List<String[]> writes = new ArrayList<>();
        boolean in = false;
        boolean found = false;
        for (String line : trace.lines().toList()) {
            if (line.startsWith("# ")) {
                in = line.startsWith("# " + title);
                found |= in;
            } else if (in && !line.equals("nothing")) {
                writes.add(named(line));
            }
        }
        if (!found) {
            throw new AssertionError("no section " + title);
        }
        return writes;
    }

    private static String hex(int value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, "%#x", value);
    }

    private static String[] named(String line) {
        Matcher write = WRITE.matcher(line);
        if (!write.matches()) {
            throw new AssertionError(line);
        }
        int offset = Integer.parseInt(write.group(2), 16);
        String value = write.group(3).equals("table") ? "table"
                : hex(Integer.parseUnsignedInt(write.group(3).substring(2), 16));
        String unit = UNITS.get(write.group(1));
        if (offset < 0x200) {
            return new String[] {unit, CONTEXT.get(offset % 0x40), Integer.toString(offset / 0x40), value};
        }
        if (offset == 0x500 || offset == 0x504) {
            return new String[] {unit, offset == 0x500 ? "IMSCTLR" : "IMSAUXCTLR", "", value};
        }
        int n = offset < 0x600 ? (offset - 0x300) / 16 : 32 + (offset - 0x600) / 16;
        return new String[] {unit, offset % 16 == 8 ? "IMUASID" : "IMUCTR", Integer.toString(n), value};
    }

    /** Neighbours that differ in the number only become one; IMUASID = 0 goes with the IMUCTR behind it. */
    private static List<String> grouped(List<String[]> writes) {
        Map<String, TreeSet<Integer>> groups = new LinkedHashMap<>();
        String previous = "";
        int serial = 0;
        for (int i = 0; i < writes.size(); i++) {
            String[] write = writes.get(i);
            boolean pair = write[1].equals("IMUASID");
            if (pair) {
                write = writes.get(++i);
            }
            String key = write[0] + " " + (pair ? "IMUASID = 0, IMUCTR" : write[1]) + "# = " + write[3];
            serial += key.equals(previous) ? 0 : 1;
            previous = key;
            groups.computeIfAbsent(serial + ":" + key, k -> new TreeSet<>());
            if (!write[2].isEmpty()) {
                groups.get(serial + ":" + key).add(Integer.parseInt(write[2]));
            }
        }
        List<String> words = new ArrayList<>();
        groups.forEach((key, numbers) -> words.add(key.substring(key.indexOf(':') + 1).replace("#", numbers(numbers))));
        return words;
    }

    private static String numbers(TreeSet<Integer> numbers) {
        if (numbers.isEmpty()) {
            return "";
        }
        boolean range = numbers.size() > 2 && numbers.last() - numbers.first() == numbers.size() - 1;
        return range ? "(" + numbers.first() + ".." + numbers.last() + ")"
                : "(" + String.join(",", numbers.stream().map(Object::toString).toList()) + ")";
    }
}
