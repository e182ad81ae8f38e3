package org.latebind.console.internal;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.latebind.console.report.GuestText;
import org.latebind.passthrough.Passthrough;
import org.latebind.passthrough.PassthroughResult;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The command {@code latebind:guest}: there while the core plays Xen. */
@Component(service = GuestCommands.class, property = {"osgi.command.scope=latebind", "osgi.command.function=guest"})
public final class GuestCommands {

    private static final String USAGE = "guest dom0 | create DOMID MEMORY"
            + " | assign DOMID DEVICE | deassign DOMID DEVICE | test DEVICE"
            + " | reboot DOMID | destroy DOMID | list | p2m DOMID ADDRESS [PAGES]; MEMORY takes K, M or G";
    private static final int WIDTH_DEFAULT = 120;
    private static final int PAGES_DEFAULT = 8;

    private final Passthrough guests;

    /** Takes the hypervisor the command talks to. */
    @Activate
    public GuestCommands(@Reference Passthrough guests) {
        this.guests = guests;
    }

    /** Guests and their devices. */
    @Descriptor("guests and their devices: " + USAGE)
    public String guest(CommandSession session, String... words) {
        String verb = words.length == 0 ? "list" : words[0];
        try {
            return switch (verb + " " + words.length) {
                case "list 0", "list 1" -> GuestText.list(guests.list(), width(session));
                case "dom0 1" -> text(guests.createHardwareDomain());
                case "create 3" -> text(guests.create(domid(words[1]), bytes(words[2])));
                case "assign 3" -> text(guests.assign(domid(words[1]), words[2]));
                case "deassign 3" -> text(guests.deassign(domid(words[1]), words[2]));
                case "test 2" -> text(guests.testAssign(words[1]));
                case "reboot 2" -> text(guests.reboot(domid(words[1])));
                case "destroy 2" -> text(guests.destroy(domid(words[1])));
                case "p2m 3" -> p2m(session, words[1], words[2], PAGES_DEFAULT);
                case "p2m 4" -> p2m(session, words[1], words[2], Integer.parseInt(words[3]));
                default -> "usage: " + USAGE;
            };
        } catch (NumberFormatException e) {
            return "not a number: " + e.getMessage();
        }
    }

    private String p2m(CommandSession session, String domid, String address, int pages) {
        return GuestText.p2m(guests.p2m(domid(domid), Long.decode(address), pages), width(session));
    }

    private static int domid(String word) {
        return Integer.decode(word);
    }

    private static long bytes(String word) {
        int shift = "KMG".indexOf(Character.toUpperCase(word.charAt(word.length() - 1))) + 1;
        long number = Long.decode(shift == 0 ? word : word.substring(0, word.length() - 1));
        return number << 10 * shift;
    }

    private static String text(PassthroughResult result) {
        return result.text();
    }

    private static int width(CommandSession session) {
        Object columns = session == null ? null : session.get("COLUMNS");
        return columns != null && columns.toString().matches("[0-9]{1,4}") ? Integer.parseInt(columns.toString()) : WIDTH_DEFAULT;
    }
}
