package org.latebind.machine.ipmmu;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** One translation cache. It forgets only what it is told to, or the oldest entry when it is full. */
final class Tlb {

    /** Entries kept. Large on purpose: a forgotten flush must show, not be evicted away. */
    private static final int ENTRIES_MAX = 4096;

    private static final int CONTEXT_SHIFT = 56;

    private final Map<Long, Walk.Result> entries = new LinkedHashMap<>();

    /** Returns the entry of a context and page, or null. */
    Walk.Result find(int context, long page) {
        return entries.get(key(context, page));
    }

    void fill(int context, long page, Walk.Result result) {
        entries.put(key(context, page), result);
        if (entries.size() > ENTRIES_MAX) {
            Iterator<Long> oldest = entries.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    void drop(int context) {
        entries.keySet().removeIf(k -> (int) (k >>> CONTEXT_SHIFT) == context);
    }

    void dropAll() {
        entries.clear();
    }

    int size() {
        return entries.size();
    }

    private static long key(int context, long page) {
        return (long) context << CONTEXT_SHIFT | page;
    }
}
