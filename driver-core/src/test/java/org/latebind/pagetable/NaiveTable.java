package org.latebind.pagetable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.latebind.driver.Errno;

/**
 * What a table means, without descriptors: per level a map from slot number (address / size of an entry) to a leaf or
 * to "there is a table". As plain as possible; the oracle of the property test.
 */
final class NaiveTable {

    static final long TABLE = -1L;

    private final List<TreeMap<Long, Long>> levels = new ArrayList<>();
    private final Geometry geometry;
    private final boolean splits;
    boolean warned;

    NaiveTable(Geometry geometry, boolean splits) {
        this.geometry = geometry;
        this.splits = splits;
        for (int i = 0; i < 4; i++) {
            levels.add(new TreeMap<>());
        }
    }

    private long slot(int level, long iova) {
        return iova >>> geometry.shift(level);
    }

    private int levelOf(long size) {
        int level = 3;
        while (1L << geometry.shift(level) != size) {
            level--;
        }
        return level;
    }

    private long room(int level, long slot, long count) {
        int bits = geometry.bitsPerLevel();
        if (level == geometry.startLevel()) {
            bits = Math.min(bits, geometry.pgdBits());
        }
        return Math.min(count, (1L << bits) - (slot & (1L << bits) - 1));
    }

    /** Output addresses of leaves are never -1. */
    long map(long iova, long paddr, long size, long count) {
        warned = false;
        int level = levelOf(size);
        for (int l = geometry.startLevel(); l < level; l++) {
            Long found = levels.get(l).putIfAbsent(slot(l, iova), TABLE);
            if (found != null && found != TABLE) {
                warned = true;
                return -Errno.EEXIST.number();
            }
        }
        long first = slot(level, iova);
        long n = room(level, first, count);
        for (long i = 0; i < n; i++) {
            Long found = levels.get(level).get(first + i);
            if (found != null && found != TABLE) {
                warned = true;
                return -Errno.EEXIST.number();
            }
            if (found != null) {
                removeBelow(level, first + i);
            }
        }
        for (long i = 0; i < n; i++) {
            levels.get(level).put(first + i, paddr + i * size);
        }
        return n * size;
    }

    private void removeBelow(int level, long slot) {
        levels.get(level).remove(slot);
        for (int l = level + 1; l < 4; l++) {
            int shift = geometry.shift(level) - geometry.shift(l);
            SortedMap<Long, Long> below = levels.get(l).subMap(slot << shift, slot + 1 << shift);
            below.clear();
        }
    }

    long unmap(long iova, long size, long count) {
        warned = false;
        int level = levelOf(size);
        for (int l = geometry.startLevel(); l < level; l++) {
            Long found = levels.get(l).get(slot(l, iova));
            if (found == null || found != TABLE && !splits) {
                warned = true;
                return 0;
            }
            if (found != TABLE) {
                split(l, slot(l, iova), found);
                if (l + 1 == level) {
                    return cut(level, slot(level, iova), room(level, slot(level, iova), count)) * size;
                }
            }
        }
        long first = slot(level, iova);
        long done = cut(level, first, room(level, first, count));
        warned = done < room(level, first, count);
        return done * size;
    }

    private long cut(int level, long first, long n) {
        for (long i = 0; i < n; i++) {
            if (!levels.get(level).containsKey(first + i)) {
                return i;
            }
            removeBelow(level, first + i);
        }
        return n;
    }

    private void split(int level, long slot, long paddr) {
        levels.get(level).put(slot, TABLE);
        int bits = geometry.bitsPerLevel();
        for (long i = 0; i < 1L << bits; i++) {
            levels.get(level + 1).put((slot << bits) + i, paddr + (i << geometry.shift(level + 1)));
        }
    }

    long translate(long iova) {
        for (int l = geometry.startLevel(); l < 4; l++) {
            Long found = levels.get(l).get(slot(l, iova));
            if (found == null) {
                return 0;
            }
            if (found != TABLE) {
                return found | iova & (1L << geometry.shift(l)) - 1;
            }
        }
        return 0;
    }

    int tables() {
        int tables = 1;
        for (TreeMap<Long, Long> level : levels) {
            for (long value : level.values()) {
                tables += value == TABLE ? 1 : 0;
            }
        }
        return tables;
    }
}
