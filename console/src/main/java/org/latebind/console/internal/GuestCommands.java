package org.latebind.console.internal;

import java.util.Arrays;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.latebind.console.report.GuestText;
import org.latebind.passthrough.Passthrough;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The command {@code latebind:guest}: there while the core plays Xen. */
@Component(service = GuestCommands.class, property = {"osgi.command.scope=latebind", "osgi.command.function=guest"})
public final class GuestCommands {

    private static final int WIDTH_DEFAULT = 120;
    private static final int PAGES_DEFAULT = 8;
    private static final long PAGES_MAX = 1 << 16;

    private final Passthrough guests;

    /** Takes the hypervisor the command talks to. */
    @Activate
    public GuestCommands(@Reference Passthrough guests) {
        this.guests = guests;
    }

    /** Guests and their devices. */
    @Descriptor("guests and their devices; 'guest help' lists what it does")
    public String guest(CommandSession session, String... words) {
        GuestVerb verb = words.length == 0 ? GuestVerb.LIST : GuestVerb.of(words[0]);
        if (verb == null) {
            return "guest has no " + words[0] + "; it has " + String.join(", ", GuestVerb.words());
        }
        int count = Math.max(0, words.length - 1);
        if (!verb.takes(count)) {
            return "usage: " + verb.usage();
        }
        try {
            return run(verb, Arrays.copyOfRange(words, Math.min(1, words.length), words.length), width(session));
        } catch (NumberFormatException e) {
            return e.getMessage() + "; usage: " + verb.usage();
        }
    }

    private String run(GuestVerb verb, String[] arguments, int width) {
        return switch (verb) {
            case LIST -> GuestText.list(guests.list(), width);
            case DOM0 -> guests.createHardwareDomain().text();
            case CREATE -> guests.create(domid(arguments[0]), bytes(arguments[1])).text();
            case ASSIGN -> guests.assign(domid(arguments[0]), arguments[1]).text();
            case DEASSIGN -> guests.deassign(domid(arguments[0]), arguments[1]).text();
            case TEST -> guests.testAssign(arguments[0]).text();
            case REBOOT -> guests.reboot(domid(arguments[0])).text();
            case DESTROY -> guests.destroy(domid(arguments[0])).text();
            case P2M -> p2m(arguments, width);
            case HELP -> GuestVerb.help();
        };
    }

    private String p2m(String[] arguments, int width) {
        int domid = domid(arguments[0]);
        long address = number(arguments[1], "an address");
        int pages = arguments.length < 3 ? PAGES_DEFAULT : (int) Math.min(PAGES_MAX, number(arguments[2], "a number of pages"));
        if (guests.list().stream().noneMatch(d -> d.domid() == domid)) {
            return "ESRCH: no domain " + domid;
        }
        return GuestText.p2m(guests.p2m(domid, address, pages), width);
    }

    private static int domid(String word) {
        long number = number(word, "a domain id");
        return number > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) number;
    }

    private static long bytes(String word) {
        int shift = word.isEmpty() ? 0 : "KMG".indexOf(Character.toUpperCase(word.charAt(word.length() - 1))) + 1;
        long number = number(shift == 0 ? word : word.substring(0, word.length() - 1), "a size");
        return number > Long.MAX_VALUE >> 10 * shift ? Long.MAX_VALUE : number << 10 * shift;
    }

    /** A number of 0 or more, decimal or with 0x. */
    private static long number(String word, String what) {
        try {
            long number = Long.decode(word);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, with what it should be.
        }
        throw new NumberFormatException("\"" + word + "\" is not " + what);
    }

    private static int width(CommandSession session) {
        Object columns = session == null ? null : session.get("COLUMNS");
        return columns != null && columns.toString().matches("[0-9]{1,4}") ? Integer.parseInt(columns.toString()) : WIDTH_DEFAULT;
    }
}
