package org.latebind.machine.smmu3;

import java.util.HashMap;
import java.util.Map;

/**
 * Cached stream table entries and context descriptors, by stream. Entries stay until a CFGI command names them. Invalid
 * structures are not kept. Not thread safe.
 */
final class ConfigurationCache {

    private final boolean joint;
    private final Map<Integer, StreamTableEntry> streams = new HashMap<>();
    private final Map<Integer, ContextDescriptor> contexts = new HashMap<>();

    /**
     * Makes an empty cache.
     *
     * @param joint entry and descriptor of a stream are one: what drops the descriptor drops the entry too
     */
    ConfigurationCache(boolean joint) {
        this.joint = joint;
    }

    StreamTableEntry stream(int sid) {
        return streams.get(sid);
    }

    ContextDescriptor context(int sid) {
        return contexts.get(sid);
    }

    void keep(int sid, StreamTableEntry ste) {
        streams.put(sid, ste);
    }

    void keep(int sid, ContextDescriptor cd) {
        contexts.put(sid, cd);
    }

    /** CFGI_STE: the contexts reached through the entry go with it. */
    void dropStream(int sid) {
        streams.remove(sid);
        contexts.remove(sid);
    }

    /** CFGI_CD: this stream only, even when another one uses the same descriptor. */
    void dropContext(int sid) {
        contexts.remove(sid);
        if (joint) {
            streams.remove(sid);
        }
    }

    /** CFGI_STE_RANGE: the naturally aligned block of 2^(range+1) streams around {@code sid}. */
    void dropRange(int sid, int range) {
        if (range == 31) {
            streams.clear();
            contexts.clear();
            return;
        }
        int shift = range + 1;
        streams.keySet().removeIf(s -> s >>> shift == sid >>> shift);
        contexts.keySet().removeIf(s -> s >>> shift == sid >>> shift);
    }
}
