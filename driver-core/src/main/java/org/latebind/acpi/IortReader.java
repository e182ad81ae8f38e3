package org.latebind.acpi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads an IORT from its binary form (on a running machine: {@code /sys/firmware/acpi/tables/IORT}). Every offset, length
 * and count is checked before it is used, the checksum too. Source: Arm DEN0049E, sections 3.1.1 and 3.1.2.
 */
public final class IortReader {

    /** Largest table that is read, in bytes. */
    public static final int SIZE_MAX = 4 << 20;

    private static final int HEADER_BYTES = 48;
    private static final int NODE_BYTES = 16;
    private static final int MAPPING_BYTES = 20;
    private static final int RANGE_BYTES = 20;
    /** Bytes of each type's node up to the end of its fixed part. */
    private static final int[] FIXED_BYTES = {20, 29, 33, 60, 60, 40, 28};

    private final String source;
    private final ByteBuffer data;
    private int mappingsRead;

    private IortReader(String source, byte[] data) {
        this.source = source;
        this.data = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads a file.
     *
     * @throws AcpiTableException when there is no such file or it is not a sound IORT
     */
    public static IortTable read(Path file) {
        if (Files.isDirectory(file)) {
            throw new AcpiTableException(file.toString(), "is a directory");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(SIZE_MAX + 1);
            if (bytes.length > SIZE_MAX) {
                throw new AcpiTableException(file.toString(), "is larger than " + SIZE_MAX + " bytes");
            }
            return read(file.toString(), bytes);
        } catch (NoSuchFileException e) {
            throw new AcpiTableException(file.toString(), "no such file");
        } catch (IOException e) {
            throw new AcpiTableException(file.toString(), "cannot be read");
        }
    }

    /** Tells whether bytes begin like an IORT. */
    public static boolean isIort(byte[] data) {
        return data.length >= 4 && data[0] == 'I' && data[1] == 'O' && data[2] == 'R' && data[3] == 'T';
    }

    /**
     * Reads a table from bytes, which are not kept.
     *
     * @param source name of the file for messages
     * @throws AcpiTableException when it is not a sound IORT
     */
    public static IortTable read(String source, byte[] data) {
        return new IortReader(source, data).read();
    }

    private IortTable read() {
        int size = data.capacity();
        if (size < HEADER_BYTES || !isIort(data.array())) {
            throw fail(0, size < HEADER_BYTES ? "ends inside the header" : "not an IORT");
        }
        int length = data.getInt(4);
        if (length != size) {
            throw fail(4, "length " + Integer.toUnsignedString(length) + " is not that of the file, " + size);
        }
        byte sum = 0;
        for (byte b : data.array()) {
            sum += b;
        }
        if (sum != 0) {
            throw fail(9, "wrong checksum");
        }
        int count = data.getInt(36);
        int at = data.getInt(40);
        if (count < 0 || count > size / NODE_BYTES) {
            throw fail(36, Integer.toUnsignedString(count) + " nodes do not fit the table");
        }
        if (at < HEADER_BYTES || at > size) {
            throw fail(40, "the nodes are outside of the table");
        }
        List<IortNode> nodes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            if (at > size - NODE_BYTES) {
                throw fail(at, "node " + i + " is outside of the table");
            }
            int bytes = Short.toUnsignedInt(data.getShort(at + 1));
            if (bytes < NODE_BYTES || bytes > size - at) {
                throw fail(at + 1, "node " + i + " has a length of " + bytes + " bytes");
            }
            nodes.add(node(at, bytes));
            at += bytes;
        }
        checkReferences(nodes);
        return new IortTable(nodes);
    }

    private void checkReferences(List<IortNode> nodes) {
        Set<Integer> offsets = new HashSet<>();
        nodes.forEach(node -> offsets.add(node.offset()));
        for (IortNode node : nodes) {
            for (IdMapping mapping : node.mappings()) {
                if (!offsets.contains(mapping.output())) {
                    throw fail(node.offset(), "an id mapping leads to 0x" + Integer.toHexString(mapping.output())
                        + ", where no node is");
                }
            }
        }
    }

    private IortNode node(int at, int bytes) {
        int type = u8(at);
        if (type < FIXED_BYTES.length && bytes < FIXED_BYTES[type]) {
            throw fail(at + 1, "a node of type " + type + " needs " + FIXED_BYTES[type] + " bytes, not " + bytes);
        }
        int count = data.getInt(at + 8);
        int offset = data.getInt(at + 12);
        List<IdMapping> mappings = new ArrayList<>();
        if (count != 0) {
            span(at + 8, at, bytes, offset, count, MAPPING_BYTES, "id mappings");
            mappingsRead += count;
            if (mappingsRead > SIZE_MAX / MAPPING_BYTES) {
                throw fail(at + 8, "too many id mappings");
            }
            for (int m = at + offset; mappings.size() < count; m += MAPPING_BYTES) {
                mappings.add(new IdMapping(data.getInt(m), data.getInt(m + 4), data.getInt(m + 8), data.getInt(m + 12),
                    (data.getInt(m + 16) & 1) != 0));
            }
        }
        int revision = u8(at + 3);
        return new IortNode(at, revision, mappings, content(type, revision, at, bytes, count));
    }

    private IortNode.Content content(int type, int revision, int at, int bytes, int mappings) {
        return switch (type) {
            case 0 -> {
                span(at + 16, at, bytes, 20, data.getInt(at + 16), 4, "identifiers");
                yield new IortNode.ItsGroup(words(at + 20, data.getInt(at + 16), 4));
            }
            case 1 -> new IortNode.NamedComponent(name(at + 29, at + bytes), coherent(at + 20), u8(at + 28));
            case 2 -> new IortNode.RootComplex(data.getInt(at + 28), coherent(at + 16), (data.getInt(at + 24) & 1) != 0,
                u8(at + 32));
            case 3 -> smmuV2(at, bytes);
            case 4 -> smmuV3(at, bytes, revision, mappings);
            case 5 -> {
                int interrupt = data.getInt(at + 24);
                yield new IortNode.PerformanceMonitor(data.getLong(at + 16), interrupt, interrupt == 0 && mappings > 0 ? 0 : -1);
            }
            case 6 -> reservedMemory(at, bytes);
            default -> new IortNode.Other(type);
        };
    }

    private IortNode.Content smmuV2(int at, int bytes) {
        int global = data.getInt(at + 40);
        int contexts = data.getInt(at + 44);
        int contextOffset = data.getInt(at + 48);
        List<Integer> globalInterrupts = List.of();
        if (global != 0) {
            span(at + 40, at, bytes, global, 1, 8, "global interrupts");
            globalInterrupts = List.of(data.getInt(at + global));
        }
        if (contexts != 0) {
            span(at + 44, at, bytes, contextOffset, contexts, 8, "context interrupts");
        }
        return new IortNode.SmmuV2(data.getLong(at + 16), data.getLong(at + 24), data.getInt(at + 32),
            (data.getInt(at + 36) & 2) != 0, globalInterrupts, words(at + contextOffset, contexts, 8));
    }

    private IortNode.Content smmuV3(int at, int bytes, int revision, int mappings) {
        int event = data.getInt(at + 44);
        int pri = data.getInt(at + 48);
        int error = data.getInt(at + 52);
        int sync = data.getInt(at + 56);
        boolean wired = event != 0 && pri != 0 && error != 0 && sync != 0;
        int own = revision < 1 || wired || bytes < 68 ? -1 : data.getInt(at + 64);
        boolean coherent = (data.getInt(at + 24) & 1) != 0;
        return new IortNode.SmmuV3(data.getLong(at + 16), data.getInt(at + 40), coherent, event, pri, error, sync,
            own >= 0 && own < mappings ? own : -1);
    }

    private IortNode.Content reservedMemory(int at, int bytes) {
        int count = data.getInt(at + 20);
        int offset = data.getInt(at + 24);
        List<IortNode.Range> ranges = new ArrayList<>();
        if (count != 0) {
            span(at + 20, at, bytes, offset, count, RANGE_BYTES, "memory ranges");
            for (int r = at + offset; ranges.size() < count; r += RANGE_BYTES) {
                ranges.add(new IortNode.Range(data.getLong(r), data.getLong(r + 8)));
            }
        }
        return new IortNode.ReservedMemory((data.getInt(at + 16) & 1) != 0, List.copyOf(ranges));
    }

    /** Checks that {@code count} elements from {@code offset} of the node on lie inside the node, behind its header. */
    private void span(int place, int at, int bytes, int offset, int count, int size, String what) {
        if (offset < NODE_BYTES || offset > bytes || count < 0 || count > (bytes - offset) / size) {
            throw fail(place, Integer.toUnsignedString(count) + " " + what + " at 0x" + Integer.toHexString(offset)
                + " do not fit the node of " + bytes + " bytes at 0x" + Integer.toHexString(at));
        }
    }

    private List<Integer> words(int at, int count, int step) {
        List<Integer> words = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            words.add(data.getInt(at + i * step));
        }
        return List.copyOf(words);
    }

    private String name(int at, int limit) {
        int end = at;
        while (end < limit && data.get(end) != 0) {
            if (data.get(end) <= ' ' || data.get(end) == 0x7f) {
                throw fail(end, "the name of a component contains the byte 0x" + Integer.toHexString(u8(end)));
            }
            end++;
        }
        if (end == limit) {
            throw fail(at, "the name of a component has no end");
        }
        return new String(data.array(), at, end - at, StandardCharsets.US_ASCII);
    }

    /** Memory access properties: cacheable with coherency, as the CPU sees it (CCA = 1). */
    private boolean coherent(int at) {
        return data.getInt(at) == 1;
    }

    private int u8(int at) {
        return data.get(at) & 0xff;
    }

    private AcpiTableException fail(int at, String text) {
        return new AcpiTableException(source, at, text);
    }
}
