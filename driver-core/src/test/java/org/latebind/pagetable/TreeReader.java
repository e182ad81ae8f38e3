package org.latebind.pagetable;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.latebind.hardware.PhysicalMemory;

/** Reads all non-zero descriptors from memory, by the shape the vector file states and nothing of the code under test. */
final class TreeReader {

    private static final long FIELD = 0x0000_ffff_ffff_f000L;

    private final PhysicalMemory memory;
    private final boolean wide;
    private final int start;
    private final int bits;
    private final int rootBits;
    private final List<String> lines = new ArrayList<>();

    TreeReader(PhysicalMemory memory, JsonNode alloc) {
        this.memory = memory;
        wide = VectorRun.hex(alloc, "granule") == 0x10000;
        start = alloc.get("startLevel").intValue();
        bits = alloc.get("bitsPerLevel").intValue();
        rootBits = alloc.get("pgdBits").intValue();
    }

    List<String> read(long root) {
        table(root, start, 1 << rootBits, List.of());
        return lines;
    }

    private void table(long address, int level, int entries, List<Integer> above) {
        for (int i = 0; i < entries; i++) {
            long descriptor = memory.read64(address + 8L * i);
            if (descriptor == 0) {
                continue;
            }
            List<Integer> path = new ArrayList<>(above);
            path.add(i);
            if (level < 3 && (descriptor & 3) == 3) {
                lines.add(line(level, path, "table", descriptor & ~FIELD));
                long next = descriptor & FIELD;
                table(wide ? (next | next << 36) & FIELD << 4 : next, level + 1, 1 << bits, path);
            } else {
                lines.add(line(level, path, level == 3 ? "page" : "block", descriptor));
            }
        }
    }

    static String line(int level, List<Integer> path, String kind, long value) {
        return String.format("L%d%s %s %016x", level, path, kind, value);
    }
}
