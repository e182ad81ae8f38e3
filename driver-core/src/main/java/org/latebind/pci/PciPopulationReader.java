package org.latebind.pci;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.latebind.devicetree.DeviceTreeException;

/**
 * Reads the PCI functions of a board from the text file beside it ({@code board.pci}). One function a line:
 *
 * <pre>
 * HOST BUS:DEVICE.FUNCTION VENDOR:DEVICE CLASS KIND [ATTRIBUTE...]
 * /soc/pcie@fe000000 00:00.0 1912:0025 060400 root-port secondary=01 acs=sv,rr,cr,uf
 * </pre>
 *
 * Attributes: {@code secondary=BUS} (bridges), {@code acs=BITS} (services switched on), {@code acs-capable=BITS} (services there;
 * the ones switched on when left out), {@code alias=DEVICE.FUNCTION} (any number), {@code dma-by=BUS:DEVICE.FUNCTION},
 * {@code secondary-alias}, {@code translation-root}, {@code isolated}, {@code not-isolated}. Numbers are hexadecimal; what
 * follows a {@code #} at the start of a line or after a space is a comment.
 */
public final class PciPopulationReader {

    private static final int LINES_MAX = 65_536;
    private static final Pattern ADDRESS = Pattern.compile("([0-9a-f]{2}):([01][0-9a-f])\\.([0-7])");
    private static final Pattern DEVFN = Pattern.compile("([01][0-9a-f])\\.([0-7])");
    private static final Pattern IDS = Pattern.compile("([0-9a-f]{4}):([0-9a-f]{4})");
    private static final Pattern BUS = Pattern.compile("[0-9a-f]{2}");
    private static final Pattern CLASS = Pattern.compile("[0-9a-f]{6}");

    private final String source;
    private int line;

    private PciPopulationReader(String source) {
        this.source = source;
    }

    /**
     * Reads a file.
     *
     * @throws DeviceTreeException when there is no such file or it is not sound, with the line
     */
    public static PciPopulation read(Path file) {
        if (Files.isDirectory(file)) {
            throw new DeviceTreeException(file.toString(), "is a directory");
        }
        try {
            return read(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
        } catch (MalformedInputException e) {
            throw new DeviceTreeException(file.toString(), "is no text");
        } catch (IOException e) {
            throw new DeviceTreeException(file.toString(), "cannot be read" + (Files.exists(file) ? "" : ": no such file"));
        }
    }

    /** Reads a text; {@code source} is its name in messages. */
    public static PciPopulation read(String source, String text) {
        return new PciPopulationReader(source).read(text);
    }

    private PciPopulation read(String text) {
        List<PciFunction> functions = new ArrayList<>();
        for (String raw : text.split("\n", -1)) {
            if (++line > LINES_MAX) {
                throw fail("more than " + LINES_MAX + " lines");
            }
            String content = raw.replaceFirst("(^|\\s)#.*", "").strip();
            if (!content.isEmpty()) {
                functions.add(function(content.split("\\s+")));
            }
        }
        try {
            return new PciPopulation(functions);
        } catch (IllegalArgumentException e) {
            throw new DeviceTreeException(source, e.getMessage());
        }
    }

    private PciFunction function(String[] words) {
        if (words.length < 5 || !words[0].startsWith("/")) {
            throw fail("expected: HOST BUS:DEVICE.FUNCTION VENDOR:DEVICE CLASS KIND [ATTRIBUTE...]");
        }
        Matcher ids = match(IDS, words[2], "vendor and device id");
        match(CLASS, words[3], "class code");
        PciKind kind = kind(words[4]);
        int secondary = -1;
        int dmaBy = -1;
        Set<PciFunction.AccessControl> enabled = Set.of();
        Set<PciFunction.AccessControl> capable = null;
        Set<PciFunction.Quirk> quirks = EnumSet.noneOf(PciFunction.Quirk.class);
        List<Integer> aliases = new ArrayList<>(0);
        for (int i = 5; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            String value = words[i].substring(equals + 1);
            switch (equals < 0 ? words[i] : words[i].substring(0, equals)) {
                case "secondary" -> secondary = Integer.parseInt(match(BUS, value, "bus").group(), 16);
                case "acs" -> enabled = services(value);
                case "acs-capable" -> capable = services(value);
                case "alias" -> aliases.add(devfn(match(DEVFN, value, "device and function"), 1));
                case "dma-by" -> dmaBy = address(value);
                default -> quirks.add(quirk(words[i]));
            }
        }
        if (kind.bridge() != secondary >= 0) {
            throw fail(kind.bridge() ? "a bridge needs secondary=BUS" : "only a bridge has a secondary bus");
        }
        int vendor = Integer.parseInt(ids.group(1), 16);
        int device = Integer.parseInt(ids.group(2), 16);
        return new PciFunction(words[0], address(words[1]), vendor, device, Integer.parseInt(words[3], 16), kind, secondary,
            capable == null ? enabled : capable, enabled, quirks, aliases, dmaBy);
    }

    private PciKind kind(String word) {
        for (PciKind kind : PciKind.values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        throw fail("unknown kind of function: " + word);
    }

    private PciFunction.Quirk quirk(String word) {
        for (PciFunction.Quirk quirk : PciFunction.Quirk.values()) {
            if (quirk.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(word)) {
                return quirk;
            }
        }
        throw fail("unknown attribute: " + word);
    }

    private Set<PciFunction.AccessControl> services(String value) {
        Set<PciFunction.AccessControl> services = EnumSet.noneOf(PciFunction.AccessControl.class);
        for (String word : value.split(",", -1)) {
            switch (word) {
                case "sv" -> services.add(PciFunction.AccessControl.SV);
                case "rr" -> services.add(PciFunction.AccessControl.RR);
                case "cr" -> services.add(PciFunction.AccessControl.CR);
                case "uf" -> services.add(PciFunction.AccessControl.UF);
                case "none" -> { }
                default -> throw fail("unknown access control service: " + word);
            }
        }
        return services;
    }

    private int address(String word) {
        Matcher m = match(ADDRESS, word, "bus, device and function");
        return Integer.parseInt(m.group(1), 16) << 8 | devfn(m, 2);
    }

    private static int devfn(Matcher m, int group) {
        return Integer.parseInt(m.group(group), 16) << 3 | Integer.parseInt(m.group(group + 1));
    }

    private Matcher match(Pattern pattern, String word, String what) {
        Matcher m = pattern.matcher(word);
        if (!m.matches()) {
            throw fail("not a " + what + ": " + word);
        }
        return m;
    }

    private DeviceTreeException fail(String text) {
        return DeviceTreeException.at(source, line, 1, text);
    }
}
