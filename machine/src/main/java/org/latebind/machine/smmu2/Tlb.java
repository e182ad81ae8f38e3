package org.latebind.machine.smmu2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The translation cache of one instance: leaves and the tables that walks went through. It keeps what it has until an
 * invalidation <em>and</em> the synchronisation that completes it, so a driver that forgets either is found out.
 */
final class Tlb {

    private static final int ENTRIES_MAX = 1 << 16;

    /** Leaves by first input address, for each tag. */
    private final Map<TranslationTag, TreeMap<Long, TlbEntry>> leaves = new HashMap<>();
    /** Last-level tables by first input address they cover, for each tag. */
    private final Map<TranslationTag, TreeMap<Long, CachedTable>> tables = new HashMap<>();
    private final List<Pending> pending = new ArrayList<>();
    private int size;

    /** The last table of a walk: it covers {@code sizeBytes} from {@code input} on. */
    record CachedTable(long input, long sizeBytes, long table, int level) {
    }

    /** An operation nobody synchronised yet; {@code queue} is the context bank it was issued in, or -1 for global. */
    private record Pending(int queue, Invalidation operation, boolean[] syncStarted) {
    }

    TlbEntry find(TranslationTag tag, long address) {
        TreeMap<Long, TlbEntry> map = leaves.get(tag);
        if (map == null) {
            return null;
        }
        Map.Entry<Long, TlbEntry> at = map.floorEntry(address);
        return at != null && at.getValue().covers(address) ? at.getValue() : null;
    }

    CachedTable findTable(TranslationTag tag, long address) {
        TreeMap<Long, CachedTable> map = tables.get(tag);
        if (map == null) {
            return null;
        }
        Map.Entry<Long, CachedTable> at = map.floorEntry(address);
        return at != null && Long.compareUnsigned(address - at.getKey(), at.getValue().sizeBytes()) < 0 ? at.getValue() : null;
    }

    void add(TranslationTag tag, TlbEntry entry) {
        if (size >= ENTRIES_MAX) {
            leaves.clear();
            size = 0;
        }
        TreeMap<Long, TlbEntry> map = leaves.computeIfAbsent(tag, t -> new TreeMap<>(Long::compareUnsigned));
        if (map.put(entry.input(), entry) == null) {
            size++;
        }
    }

    void addTable(TranslationTag tag, CachedTable table) {
        TreeMap<Long, CachedTable> map = tables.computeIfAbsent(tag, t -> new TreeMap<>(Long::compareUnsigned));
        if (map.size() < ENTRIES_MAX) {
            map.put(table.input(), table);
        }
    }

    /** Tells whether anything is cached under a VMID (and, at stage 1, an ASID). */
    boolean holds(TranslationTag tag) {
        TreeMap<Long, TlbEntry> l = leaves.get(tag);
        TreeMap<Long, CachedTable> t = tables.get(tag);
        return l != null && !l.isEmpty() || t != null && !t.isEmpty();
    }

    /** Takes an operation in; it has no effect before its synchronisation ended. */
    void issue(int queue, Invalidation operation) {
        pending.add(new Pending(queue, operation, new boolean[1]));
    }

    /** A synchronisation begins: it is for everything issued so far, in one bank or (queue -1) anywhere. */
    void startSync(int queue) {
        for (Pending p : pending) {
            if (queue < 0 || p.queue == queue) {
                p.syncStarted[0] = true;
            }
        }
    }

    /** A synchronisation ended: what it was for takes effect. */
    void completeSync(int queue) {
        for (Iterator<Pending> i = pending.iterator(); i.hasNext();) {
            Pending p = i.next();
            if (p.syncStarted[0] && (queue < 0 || p.queue == queue)) {
                apply(p.operation);
                i.remove();
            }
        }
    }

    /** Tells whether an issued, not yet complete operation covers an entry. */
    boolean awaited(TranslationTag tag, TlbEntry entry) {
        for (Pending p : pending) {
            if (p.operation.names(tag, entry.input(), entry.sizeBytes())) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether operations wait for a synchronisation that was not even started. */
    boolean unsynchronised() {
        return pending.stream().anyMatch(p -> !p.syncStarted[0]);
    }

    boolean hasPending() {
        return !pending.isEmpty();
    }

    int size() {
        return size;
    }

    private void apply(Invalidation op) {
        for (Map.Entry<TranslationTag, TreeMap<Long, TlbEntry>> e : leaves.entrySet()) {
            if (!op.names(e.getKey())) {
                continue;
            }
            if (!op.byAddress()) {
                size -= e.getValue().size();
                e.getValue().clear();
                continue;
            }
            Map.Entry<Long, TlbEntry> at = e.getValue().floorEntry(op.address());
            if (at != null && at.getValue().covers(op.address())) {
                e.getValue().remove(at.getKey());
                size--;
            }
        }
        if (!op.lastOnly()) {
            applyToTables(op);
        }
    }

    private void applyToTables(Invalidation op) {
        for (Map.Entry<TranslationTag, TreeMap<Long, CachedTable>> e : tables.entrySet()) {
            if (!op.names(e.getKey())) {
                continue;
            }
            if (op.byAddress()) {
                e.getValue().values().removeIf(t -> op.names(e.getKey(), t.input(), t.sizeBytes()));
            } else {
                e.getValue().clear();
            }
        }
    }
}
