package org.latebind.console.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the command {@code guest} can do: the words, what they take, and what may be typed there. Pure. */
enum GuestVerb {

    LIST("", "domains, their contexts and devices"),
    CREATE("DOMID MEMORY", "a guest with zeroed memory at 0x40000000; MEMORY takes K, M or G"),
    ASSIGN("DOMID DEVICE", "puts a device behind the guest's table; a PCI function is BRIDGE@RID"),
    DEASSIGN("DOMID DEVICE", "takes it away; it then belongs to nobody"),
    TEST("DEVICE", "could it be assigned?"),
    REBOOT("DOMID", "destroys a guest and creates it again with its devices"),
    DESTROY("DOMID", "devices, memory, context, table, in this order"),
    P2M("DOMID ADDRESS [PAGES]", "where guest addresses lie"),
    DOM0("", "builds the hardware domain (a board's parameter dom0=1 does it at boot)"),
    HELP("", "this");

    private static final int HELP_COLUMN = 32;

    private final List<String> arguments;
    private final String text;

    GuestVerb(String arguments, String text) {
        this.arguments = arguments.isEmpty() ? List.of() : List.of(arguments.split(" "));
        this.text = text;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The verb of a word, or null. */
    static GuestVerb of(String word) {
        return Arrays.stream(values()).filter(v -> v.word().equals(word)).findFirst().orElse(null);
    }

    /** Tells whether so many words may follow. */
    boolean takes(int count) {
        long needed = arguments.stream().filter(a -> !a.startsWith("[")).count();
        return count >= needed && count <= arguments.size();
    }

    String usage() {
        return ("guest " + word() + " " + String.join(" ", arguments)).stripTrailing();
    }

    /** All verbs, a line each. */
    static String help() {
        return Arrays.stream(values()).map(v -> {
            String usage = v.usage();
            return usage + " ".repeat(Math.max(1, HELP_COLUMN - usage.length())) + v.text + "\n";
        }).collect(Collectors.joining());
    }

    static List<String> words() {
        return Arrays.stream(values()).map(GuestVerb::word).toList();
    }

    /**
     * What may be typed at a place of the command line.
     *
     * @param index   place of the word, 1 for the first after {@code guest}
     * @param words   the line's words so far, {@code guest} first; not null
     * @param guests  domain ids that exist
     * @param devices paths of devices
     */
    static List<String> completions(int index, List<String> words, List<Integer> guests, List<String> devices) {
        if (index <= 1) {
            return words();
        }
        GuestVerb verb = words.size() > 1 ? of(words.get(1)) : null;
        String wanted = verb == null || verb.arguments.size() < index - 1 ? "" : verb.arguments.get(index - 2);
        return switch (wanted) {
            case "DOMID" -> verb == CREATE ? List.of(firstFree(guests)) : guests.stream().map(Objects::toString).toList();
            case "DEVICE" -> devices;
            case "MEMORY" -> List.of("16M", "64M", "256M");
            case "ADDRESS" -> List.of("0x40000000");
            default -> List.of();
        };
    }

    private static String firstFree(List<Integer> guests) {
        return Integer.toString(IntStream.iterate(1, i -> i + 1).filter(i -> !guests.contains(i)).findFirst().getAsInt());
    }
}
