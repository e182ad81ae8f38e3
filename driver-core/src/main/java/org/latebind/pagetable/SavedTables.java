package org.latebind.pagetable;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A table saved to a file: configuration and every descriptor that is not zero. Plain text, one item a line, in this
 * order, nothing else:
 *
 * <pre>
 * latebind-page-table 1
 * format ARM_64_LPAE_S1
 * page-sizes 0x40201000
 * ias 48
 * oas 48
 * coherent-walk true
 * quirks 0x0
 * behaviour V7_3
 * root 0x80000000
 * 0x80000000 0x0000000080001003
 * </pre>
 *
 * The last kind of line, address and value of a 64-bit word, repeats with rising addresses.
 *
 * @param format format; not null
 * @param config configuration the table was made from; not null
 * @param root   physical address of the root
 * @param words  words by address; those that are missing are zero
 */
public record SavedTables(PageTableFormat format, PageTableConfig config, long root, Map<Long, Long> words) {

    private static final String MAGIC = "latebind-page-table 1";

    /** A file that is no saved table. The message is one line: file, byte offset, what is wrong. */
    public static final class BadFileException extends Exception {

        private static final long serialVersionUID = 1L;

        BadFileException(String file, int offset, String what) {
            super(file + ": offset " + offset + ": " + what);
        }
    }

    /** Copies the words. */
    public SavedTables {
        words = Map.copyOf(words);
    }

    /** Saves a live table. */
    public static SavedTables of(PageTable table, TableDump.Words memory) {
        Map<Long, Long> words = new TreeMap<>();
        TableDump.of(table, address -> {
            long word = memory.read64(address);
            if (word != 0) {
                words.put(address, word);
            }
            return word;
        });
        return new SavedTables(table.format(), table.config(), table.registers().root(), words);
    }

    /** Entries of the saved table. */
    public List<TableEntry> dump() {
        return TableDump.of(format, config, root, address -> words.getOrDefault(address, 0L));
    }

    /** Text of the file. */
    public String write() {
        StringBuilder text = new StringBuilder(MAGIC).append('\n');
        text.append("format ").append(format).append('\n');
        text.append("page-sizes 0x").append(Long.toHexString(config.pageSizes())).append('\n');
        text.append("ias ").append(config.ias()).append("\noas ").append(config.oas()).append('\n');
        text.append("coherent-walk ").append(config.coherentWalk()).append('\n');
        text.append("quirks 0x").append(Integer.toHexString(config.quirks())).append('\n');
        text.append("behaviour ").append(config.behaviour()).append('\n');
        text.append("root 0x").append(Long.toHexString(root)).append('\n');
        TreeMap<Long, Long> rising = new TreeMap<>(Long::compareUnsigned);
        rising.putAll(words);
        rising.forEach((address, word) -> text.append(String.format("0x%x 0x%016x\n", address, word)));
        return text.toString();
    }

    /**
     * Reads a file.
     *
     * @param file    name for messages
     * @param content bytes of the file
     * @throws BadFileException for anything that is not exactly the format
     */
    public static SavedTables read(String file, byte[] content) throws BadFileException {
        return new Reader(file, new String(content, StandardCharsets.ISO_8859_1)).read();
    }

    private static final class Reader {

        private final String file;
        private final String text;
        private int lineStart;
        private int next;

        Reader(String file, String text) {
            this.file = file;
            this.text = text;
        }

        SavedTables read() throws BadFileException {
            if (!line().equals(MAGIC)) {
                throw bad("not a saved page table: the first line is not \"" + MAGIC + "\"");
            }
            PageTableFormat format = choice("format", PageTableFormat.values());
            long pageSizes = hex("page-sizes");
            int ias = decimal("ias");
            int oas = decimal("oas");
            boolean coherent = choice("coherent-walk", new Boolean[] {true, false});
            int quirks = (int) hex("quirks");
            Behaviour behaviour = choice("behaviour", Behaviour.values());
            PageTableConfig config = new PageTableConfig(pageSizes, ias, oas, coherent, quirks, behaviour);
            Optional<String> refusal = Optional.ofNullable(PageTables.refusal(format, config));
            if (refusal.isPresent()) {
                throw bad("no such table: " + refusal.get());
            }
            long root = hex("root");
            if ((root & 63) != 0) {
                throw bad("root 0x" + Long.toHexString(root) + " is not a multiple of 64");
            }
            if (format.longDescriptors() && LpaeAllocation.geometry(format, config) == null) {
                throw bad("no such table: more than 16 root tables");
            }
            return new SavedTables(format, config, root, words());
        }

        private Map<Long, Long> words() throws BadFileException {
            Map<Long, Long> words = new TreeMap<>();
            long before = 0;
            while (next < text.length()) {
                String line = line();
                int blank = line.indexOf(' ');
                if (blank < 0) {
                    throw bad("expected an address and a value");
                }
                long address = number(line.substring(0, blank));
                long value = number(line.substring(blank + 1));
                if ((address & 7) != 0) {
                    throw bad("address 0x" + Long.toHexString(address) + " is not a multiple of 8");
                }
                if (!words.isEmpty() && Long.compareUnsigned(address, before) <= 0) {
                    throw bad("address 0x" + Long.toHexString(address) + " does not rise");
                }
                words.put(address, value);
                before = address;
            }
            return words;
        }

        private String line() throws BadFileException {
            lineStart = next;
            int end = text.indexOf('\n', next);
            if (end < 0) {
                throw bad(next >= text.length() ? "the file ends too early" : "the last line has no end");
            }
            next = end + 1;
            return text.substring(lineStart, end);
        }

        private String item(String name) throws BadFileException {
            String line = line();
            if (!line.startsWith(name + " ")) {
                throw bad("expected \"" + name + " ...\"");
            }
            return line.substring(name.length() + 1);
        }

        private <T> T choice(String name, T[] values) throws BadFileException {
            String item = item(name);
            for (T value : values) {
                if (value.toString().equals(item)) {
                    return value;
                }
            }
            throw bad("unknown " + name + " \"" + printable(item) + "\"");
        }

        private int decimal(String name) throws BadFileException {
            String item = item(name);
            if (!item.matches("[1-9][0-9]?")) {
                throw bad(name + " is not a number from 1 to 99");
            }
            return Integer.parseInt(item);
        }

        private long hex(String name) throws BadFileException {
            return number(item(name));
        }

        private long number(String item) throws BadFileException {
            if (!item.matches("0x[0-9a-f]{1,16}")) {
                throw bad("\"" + printable(item) + "\" is not a number like 0x1f");
            }
            return Long.parseUnsignedLong(item.substring(2), 16);
        }

        private static String printable(String item) {
            String clean = item.replaceAll("[^ -~]", "?");
            return clean.length() > 40 ? clean.substring(0, 40) + "..." : clean;
        }

        private BadFileException bad(String what) {
            return new BadFileException(file, lineStart, what);
        }
    }
}
