package org.latebind.dma;

import java.util.Arrays;

/**
 * The free ranges of an address space, in page numbers: a treap ordered by address in which every subtree knows the
 * largest aligned power of two that fits into one of its ranges. Searching from the top for a power of two is
 * therefore logarithmic and never misses a place. Priorities are a hash of the address: the same calls build the same
 * tree. Not thread safe; allocates only to grow.
 */
final class FreeExtents {

    private static final int NONE = 0;

    private long[] first = new long[64];
    private long[] last = new long[64];
    private int[] left = new int[64];
    private int[] right = new int[64];
    /** Largest order that fits in the subtree. */
    private byte[] best = new byte[64];
    private int root = NONE;
    private int unused = NONE;
    private int nodes = 1;
    private int size;

    FreeExtents() {
        best[NONE] = -1;
    }

    /** Number of separate free ranges. */
    int size() {
        return size;
    }

    /** Adds a range that is not free, joining it with its neighbours. */
    void add(long from, long to) {
        long start = from;
        long end = to;
        int below = floor(from);
        if (below != NONE && last[below] == from - 1) {
            start = first[below];
            remove(start);
        }
        int above = floor(to + 1);
        if (above != NONE && first[above] == to + 1) {
            end = last[above];
            remove(first[above]);
        }
        insert(start, end);
    }

    /** Removes whatever is free in a range. */
    void cut(long from, long to) {
        while (true) {
            int node = floor(to);
            if (node == NONE || last[node] < from) {
                return;
            }
            long start = first[node];
            long end = last[node];
            remove(start);
            if (start < from) {
                insert(start, from - 1);
            }
            if (end > to) {
                insert(to + 1, end);
            }
        }
    }

    /**
     * Takes the highest place for a number of pages, aligned to the next power of two, below a limit.
     *
     * @param limit last page that may be used
     * @return first page, or -1 when there is no place
     */
    long take(long pages, long limit) {
        int order = order(pages);
        // A number that is no power of two may fit where the rounded size does not; half of it always fits there.
        int need = Long.bitCount(pages) == 1 ? order : order - 1;
        int node = highest(root, pages, order, need, limit);
        if (node == NONE) {
            return -1;
        }
        long base = place(node, pages, order, limit);
        long start = first[node];
        long end = last[node];
        long lastTaken = base + pages - 1;
        if (start < base) {
            last[node] = base - 1;
            refresh(root, start);
            if (lastTaken < end) {
                insert(lastTaken + 1, end);
            }
        } else {
            remove(start);
            if (lastTaken < end) {
                insert(lastTaken + 1, end);
            }
        }
        return base;
    }

    static int order(long pages) {
        return 64 - Long.numberOfLeadingZeros(pages - 1);
    }

    private long place(int node, long pages, int order, long limit) {
        long end = Math.min(last[node], limit);
        long base = end - (pages - 1) & -(1L << order);
        return base >= first[node] && base >= 0 ? base : -1;
    }

    private int highest(int node, long pages, int order, int need, long limit) {
        if (node == NONE || best[node] < need) {
            return NONE;
        }
        if (first[node] <= limit) {
            int found = highest(right[node], pages, order, need, limit);
            if (found != NONE) {
                return found;
            }
            if (place(node, pages, order, limit) >= 0) {
                return node;
            }
        }
        return highest(left[node], pages, order, need, limit);
    }

    /** The range with the highest start at or below a page. */
    private int floor(long page) {
        int found = NONE;
        int node = root;
        while (node != NONE) {
            if (first[node] <= page) {
                found = node;
                node = right[node];
            } else {
                node = left[node];
            }
        }
        return found;
    }

    private static int priority(long page) {
        long mixed = (page + 1) * 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ mixed >>> 32) * 0xd6e8_feb8_6659_fd93L;
        return (int) (mixed >>> 33);
    }

    private static int fits(long from, long to) {
        int order = 63 - Long.numberOfLeadingZeros(to - from + 1);
        long aligned = from + (1L << order) - 1 & -(1L << order);
        return aligned + (1L << order) - 1 <= to ? order : order - 1;
    }

    private void update(int node) {
        int own = fits(first[node], last[node]);
        best[node] = (byte) Math.max(own, Math.max(best[left[node]], best[right[node]]));
    }

    private void refresh(int node, long key) {
        if (first[node] != key) {
            refresh(first[node] < key ? right[node] : left[node], key);
        }
        update(node);
    }

    private void insert(long from, long to) {
        int node = fresh();
        first[node] = from;
        last[node] = to;
        left[node] = NONE;
        right[node] = NONE;
        update(node);
        root = insert(root, node, priority(from));
        size++;
    }

    private int insert(int tree, int node, int priority) {
        if (tree == NONE) {
            return node;
        }
        if (priority > priority(first[tree])) {
            split(tree, node);
            update(node);
            return node;
        }
        if (first[node] < first[tree]) {
            left[tree] = insert(left[tree], node, priority);
        } else {
            right[tree] = insert(right[tree], node, priority);
        }
        update(tree);
        return tree;
    }

    /** Hangs the parts of a tree below and above a node's start under that node. */
    private void split(int tree, int node) {
        left[node] = NONE;
        right[node] = NONE;
        splitInto(tree, first[node], node);
    }

    /** Returns nothing: the lower part becomes {@code left[target]}, the upper part {@code right[target]}. */
    private void splitInto(int tree, long key, int target) {
        if (tree == NONE) {
            left[target] = NONE;
            right[target] = NONE;
        } else if (first[tree] < key) {
            splitInto(right[tree], key, target);
            right[tree] = left[target];
            update(tree);
            left[target] = tree;
        } else {
            splitInto(left[tree], key, target);
            left[tree] = right[target];
            update(tree);
            right[target] = tree;
        }
    }

    private void remove(long key) {
        root = remove(root, key);
        size--;
    }

    private int remove(int tree, long key) {
        if (first[tree] == key) {
            int merged = merge(left[tree], right[tree]);
            left[tree] = unused;
            unused = tree;
            return merged;
        }
        if (key < first[tree]) {
            left[tree] = remove(left[tree], key);
        } else {
            right[tree] = remove(right[tree], key);
        }
        update(tree);
        return tree;
    }

    private int merge(int low, int high) {
        if (low == NONE || high == NONE) {
            return low == NONE ? high : low;
        }
        if (priority(first[low]) > priority(first[high])) {
            right[low] = merge(right[low], high);
            update(low);
            return low;
        }
        left[high] = merge(low, left[high]);
        update(high);
        return high;
    }

    private int fresh() {
        if (unused != NONE) {
            int node = unused;
            unused = left[node];
            return node;
        }
        if (nodes == first.length) {
            first = Arrays.copyOf(first, 2 * nodes);
            last = Arrays.copyOf(last, 2 * nodes);
            left = Arrays.copyOf(left, 2 * nodes);
            right = Arrays.copyOf(right, 2 * nodes);
            best = Arrays.copyOf(best, 2 * nodes);
        }
        return nodes++;
    }
}
