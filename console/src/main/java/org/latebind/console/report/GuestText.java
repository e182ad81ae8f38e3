package org.latebind.console.report;

import java.util.List;
import org.latebind.passthrough.Passthrough;

/** Guests as text for people. Pure functions; widths are in characters, 0 for unlimited. */
public final class GuestText {

    private static final int KIB_SHIFT = 10;

    private GuestText() {
    }

    /** One row for each domain; below, what each holds in the IOMMU and its devices, last assigned first. */
    public static String list(List<Passthrough.Status> domains, int width) {
        if (domains.isEmpty()) {
            return "no domain\n";
        }
        TextTable table = new TextTable("DOMAIN", "MEMORY", "TABLE", "IPA", "DEVICES");
        StringBuilder details = new StringBuilder();
        for (Passthrough.Status domain : domains) {
            table.row(Integer.toString(domain.domid()), (domain.memoryBytes() >> KIB_SHIFT) + " KiB",
                    "0x" + Long.toHexString(domain.p2mRoot()), domain.ipaBits() + " bits",
                    Integer.toString(domain.devices().size()));
            details.append('\n').append(domain.domid()).append(": ").append(domain.hardware()).append('\n');
            domain.devices().forEach(path -> details.append("  ").append(path).append('\n'));
        }
        return table.format(width) + details;
    }

    /** One row for each page of a P2M. */
    public static String p2m(List<Passthrough.Mapping> pages, int width) {
        if (pages.isEmpty()) {
            return "no such domain\n";
        }
        TextTable table = new TextTable("GUEST", "MACHINE", "TYPE", "ENTRY");
        for (Passthrough.Mapping page : pages) {
            boolean mapped = page.entry() != 0;
            table.row(String.format("0x%010x", page.guestAddress()),
                    mapped ? String.format("0x%010x", page.machineAddress()) : "-", page.type(),
                    mapped ? String.format("0x%016x", page.entry()) : "-");
        }
        return table.format(width);
    }
}
