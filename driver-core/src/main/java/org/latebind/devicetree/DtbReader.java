package org.latebind.devicetree;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a compiled device tree (DTB): version 17, newer ones that say they are compatible with it, and the older
 * versions 1, 2, 3 and 16. Every offset, length, nesting depth and count is checked before it is used.
 * Source: Devicetree specification 0.4, chapter 5; for versions below 16 the layout that dtc writes (full paths as node
 * names, values of 8 bytes and more aligned to 8).
 */
public final class DtbReader {

    /** First word of every compiled tree. */
    public static final int MAGIC = 0xd00dfeed;
    /** Largest file that is read, in bytes. */
    public static final int SIZE_MAX = 16 << 20;

    private static final int BEGIN_NODE = 1;
    private static final int END_NODE = 2;
    private static final int PROP = 3;
    private static final int NOP = 4;
    private static final int END = 9;
    private static final int RESERVATIONS_MAX = 4096;

    private final String source;
    private final byte[] data;
    private final TreeBuilder tree = new TreeBuilder();
    private final Map<Integer, String> names = new HashMap<>(512);
    private int version;
    private int total;
    private int structure;
    private int structureEnd;
    private int strings;
    private int stringsEnd;
    private int position;

    private DtbReader(String source, byte[] data) {
        this.source = source;
        this.data = data;
    }

    /**
     * Reads a file.
     *
     * @throws DeviceTreeException when there is no such file, or it is not a sound compiled tree
     */
    public static DeviceTree read(Path file) {
        return read(file.toString(), bytes(file));
    }

    /**
     * Reads a compiled tree from bytes; they are copied. What follows the tree's own total size is ignored.
     *
     * @param source name of the file for messages
     * @throws DeviceTreeException when it is not a sound compiled tree
     */
    public static DeviceTree read(String source, byte[] data) {
        return new DtbReader(source, data.clone()).read();
    }

    /** Returns the bytes of a file of at most {@link #SIZE_MAX} bytes. */
    static byte[] bytes(Path file) {
        if (Files.isDirectory(file)) {
            throw new DeviceTreeException(file.toString(), "is a directory");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] data = in.readNBytes(SIZE_MAX + 1);
            if (data.length > SIZE_MAX) {
                throw new DeviceTreeException(file.toString(), "is larger than " + SIZE_MAX + " bytes");
            }
            return data;
        } catch (NoSuchFileException e) {
            throw new DeviceTreeException(file.toString(), "no such file");
        } catch (IOException e) {
            throw new DeviceTreeException(file.toString(), "cannot be read: " + e.getMessage());
        }
    }

    private DeviceTree read() {
        if (data.length < 28) {
            throw fail(data.length, "ends inside the header");
        }
        if (word(0) != MAGIC) {
            throw fail(0, "not a compiled device tree: magic is 0x" + Integer.toHexString(word(0)));
        }
        version = word(20);
        int compatible = word(24);
        if (version < 1 || compatible < 0 || compatible > 17 || compatible > version) {
            throw fail(20, "version " + version + " (compatible with " + compatible + ") cannot be read");
        }
        readHeader();
        List<MemoryReservation> reservations = readReservations();
        readStructure();
        return tree.build(source, reservations, version >= 2 ? word(28) : 0);
    }

    private void readHeader() {
        int headerBytes = version >= 17 ? 40 : version >= 3 ? 36 : version == 2 ? 32 : 28;
        total = word(4);
        if (total < headerBytes || total > data.length) {
            throw fail(4, "total size " + Integer.toUnsignedString(total) + " does not fit the file of "
                + data.length + " bytes");
        }
        structure = word(8);
        strings = word(12);
        if (structure < headerBytes || structure > total || (structure & 3) != 0) {
            throw fail(8, "structure block at 0x" + Integer.toHexString(structure) + " is outside of the tree or not aligned");
        }
        if (strings < headerBytes || strings > total) {
            throw fail(12, "strings block at 0x" + Integer.toHexString(strings) + " is outside of the tree");
        }
        stringsEnd = version >= 3 ? end(strings, 32, "strings") : total;
        structureEnd = version >= 17 ? end(structure, 36, "structure") : total;
    }

    private int end(int start, int sizeAt, String block) {
        int size = word(sizeAt);
        if (size < 0 || size > total - start) {
            throw fail(sizeAt, block + " block of " + Integer.toUnsignedString(size) + " bytes is larger than the tree");
        }
        return start + size;
    }

    private List<MemoryReservation> readReservations() {
        int at = word(16);
        if (at < 28 || at > total || (at & 7) != 0) {
            throw fail(16, "memory reservations at 0x" + Integer.toHexString(at) + " are outside of the tree or not aligned");
        }
        List<MemoryReservation> reservations = new ArrayList<>();
        while (true) {
            if (at > total - 16) {
                throw fail(at, "the memory reservations have no end");
            }
            long address = (long) word(at) << 32 | word(at + 4) & 0xffffffffL;
            long size = (long) word(at + 8) << 32 | word(at + 12) & 0xffffffffL;
            if (size == 0 && address == 0) {
                return reservations;
            }
            if (reservations.size() == RESERVATIONS_MAX) {
                throw fail(at, "more than " + RESERVATIONS_MAX + " memory reservations");
            }
            reservations.add(new MemoryReservation(address, size));
            at += 16;
        }
    }

    private void readStructure() {
        position = structure;
        while (true) {
            int at = position;
            int token = token();
            switch (token) {
                case BEGIN_NODE -> check(at, tree.begin(nodeName()));
                case END_NODE -> {
                    if (tree.depth() == 0) {
                        throw fail(at, "a node ends that was not begun");
                    }
                    check(at, tree.end());
                }
                case PROP -> readProperty(at);
                case NOP -> { }
                case END -> {
                    if (tree.depth() != 0 || tree.size() == 0) {
                        throw fail(at, tree.size() == 0 ? "the tree has no root node" : "the tree ends inside a node");
                    }
                    return;
                }
                default -> throw fail(at, "unknown token 0x" + Integer.toHexString(token));
            }
        }
    }

    private int token() {
        if (position > structureEnd - 4) {
            throw fail(position, "the structure block has no end token");
        }
        int token = word(position);
        position += 4;
        return token;
    }

    private String nodeName() {
        int start = position;
        int end = terminator(start, structureEnd, "node name");
        int from = start;
        if (version < 16) {
            for (int i = start; i < end; i++) {
                from = data[i] == '/' ? i + 1 : from;
            }
        }
        String name = name(from, end, "node name");
        if (name.indexOf('/') >= 0) {
            throw fail(start, "node name " + name + " contains a slash");
        }
        if (tree.depth() == 0 && !name.isEmpty()) {
            throw fail(start, "the root node has the name " + name);
        }
        position = align(end + 1 - structure, 4) + structure;
        return name;
    }

    private void readProperty(int at) {
        if (tree.depth() == 0) {
            throw fail(at, "a property outside of a node");
        }
        if (position > structureEnd - 8) {
            throw fail(at, "the structure block ends inside a property");
        }
        int length = word(position);
        int nameOffset = word(position + 4);
        position += 8;
        if (version < 16 && length >= 8) {
            position = align(position - structure, 8) + structure;
        }
        if (length < 0 || position > structureEnd || length > structureEnd - position) {
            throw fail(at, "a property of " + Integer.toUnsignedString(length) + " bytes is larger than the structure block");
        }
        check(at, tree.property(new Property(propertyName(at, nameOffset), data, position, length)));
        position = align(position + length - structure, 4) + structure;
    }

    private String propertyName(int at, int nameOffset) {
        String known = names.get(nameOffset);
        if (known != null) {
            return known;
        }
        if (nameOffset < 0 || nameOffset >= stringsEnd - strings) {
            throw fail(at + 8, "property name at 0x" + Integer.toHexString(nameOffset) + " is outside of the strings block");
        }
        int start = strings + nameOffset;
        String name = name(start, terminator(start, stringsEnd, "property name"), "property name");
        if (name.isEmpty()) {
            throw fail(at + 8, "a property without a name");
        }
        names.put(nameOffset, name);
        return name;
    }

    private int terminator(int start, int limit, String what) {
        int end = start;
        while (end < limit && data[end] != 0) {
            end++;
        }
        if (end == limit) {
            throw fail(start, what + " has no end");
        }
        return end;
    }

    private String name(int start, int end, String what) {
        if (end - start > TreeBuilder.NAME_LENGTH_MAX) {
            throw fail(start, what + " of " + (end - start) + " characters is too long");
        }
        for (int i = start; i < end; i++) {
            if (data[i] <= ' ' || data[i] == 0x7f) {
                throw fail(i, what + " contains the byte 0x" + Integer.toHexString(data[i] & 0xff));
            }
        }
        return new String(data, start, end - start, StandardCharsets.US_ASCII);
    }

    private static int align(int value, int to) {
        return value + to - 1 & -to;
    }

    private void check(int at, String complaint) {
        if (complaint != null) {
            throw fail(at, complaint);
        }
    }

    private int word(int at) {
        return (data[at] & 0xff) << 24 | (data[at + 1] & 0xff) << 16 | (data[at + 2] & 0xff) << 8 | data[at + 3] & 0xff;
    }

    private DeviceTreeException fail(long at, String text) {
        return DeviceTreeException.at(source, at, text);
    }
}
