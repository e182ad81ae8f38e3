package org.latebind.machine.smmu3;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Cached stream table entries by stream, and context descriptors by stream and substream. Entries stay until a CFGI command
 * names them. Invalid structures are not kept. Not thread safe.
 */
final class ConfigurationCache {

    private static final int SUBSTREAM_BITS = 20;

    private final boolean joint;
    private final Map<Integer, StreamTableEntry> streams = new HashMap<>();
    private final Map<Long, ContextDescriptor> contexts = new HashMap<>();

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

    private static long key(int sid, int substream) {
        return Integer.toUnsignedLong(sid) << SUBSTREAM_BITS | substream;
    }

    private void dropContexts(IntPredicate ofStream) {
        contexts.keySet().removeIf(k -> ofStream.test((int) (k >>> SUBSTREAM_BITS)));
    }

    ContextDescriptor context(int sid, int substream) {
        return contexts.get(key(sid, substream));
    }

    void keep(int sid, StreamTableEntry ste) {
        streams.put(sid, ste);
    }

    void keep(int sid, int substream, ContextDescriptor cd) {
        contexts.put(key(sid, substream), cd);
    }

    /** CFGI_STE: the contexts reached through the entry go with it. */
    void dropStream(int sid) {
        streams.remove(sid);
        dropContexts(s -> s == sid);
    }

    /** CFGI_CD: this stream only, even when another one uses the same descriptor. */
    void dropContext(int sid, int substream) {
        contexts.remove(key(sid, substream));
        if (joint) {
            streams.remove(sid);
        }
    }

    /** CFGI_CD_ALL: all descriptors of a stream. */
    void dropContexts(int sid) {
        dropContexts(s -> s == sid);
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
        dropContexts(s -> s >>> shift == sid >>> shift);
    }
}
