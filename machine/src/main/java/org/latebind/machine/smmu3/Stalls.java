package org.latebind.machine.smmu3;

import java.util.HashMap;
import java.util.Map;

/**
 * Transactions that wait for CMD_RESUME or CMD_STALL_TERM (Arm IHI 0070, sections 3.12.2 and 4.6). Each has a tag that is unique
 * among those that wait. Not thread safe.
 */
final class Stalls {

    private static final int TAGS = 1 << 16;

    private final Map<Integer, Held> held = new HashMap<>();
    private Held retry;
    private int next;

    private record Held(int sid, long address) {
    }

    /** Holds a transaction; returns its tag, or -1 when all tags are in use. */
    int hold(int sid, long address) {
        if (held.size() == TAGS) {
            return -1;
        }
        while (held.containsKey(next)) {
            next = next + 1 & TAGS - 1;
        }
        held.put(next, new Held(sid, address));
        return next;
    }

    /** Ends the wait of one transaction; false when nothing of that stream waits under the tag. */
    boolean resume(int sid, int tag, boolean again) {
        Held transaction = held.get(tag);
        if (transaction == null || transaction.sid() != sid) {
            return false;
        }
        held.remove(tag);
        if (again) {
            retry = transaction;
        }
        return true;
    }

    /** CMD_STALL_TERM: everything of a stream is aborted. */
    void terminate(int sid) {
        held.values().removeIf(h -> h.sid() == sid);
    }

    /** Tells once whether the transaction is to be tried again. */
    boolean takeRetry(int sid, long address) {
        boolean taken = new Held(sid, address).equals(retry);
        if (taken) {
            retry = null;
        }
        return taken;
    }

    void clear() {
        held.clear();
        retry = null;
    }
}
