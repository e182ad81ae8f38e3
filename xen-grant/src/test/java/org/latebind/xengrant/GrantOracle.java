package org.latebind.xengrant;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.machine.xen.GrantStatus;
import org.latebind.machine.xen.HostileBackend;
import org.latebind.machine.xen.MapRequest;

/**
 * What is true, kept apart from the code under test: which grant lived when, who maps what. A call is not one instant, so each
 * grant has the widest life it can have had and each mapping the longest, and a success counts as wrong only when no instant
 * of the call can explain it. Used by one thread at a time.
 */
final class GrantOracle implements HostileBackend.Witness {

    /** One life of one reference. */
    private static final class Life {
        final int ref;
        final int domid;
        final long frame;
        final boolean readOnly;
        long to = Long.MAX_VALUE;

        Life(int ref, int domid, long frame, boolean readOnly) {
            this.ref = ref;
            this.domid = domid;
            this.frame = frame;
            this.readOnly = readOnly;
        }
    }

    /** One mapping of one backend. */
    private static final class Held {
        final int ref;
        final long frame;
        final boolean readOnly;
        boolean ending;

        Held(int ref, long frame, boolean readOnly) {
            this.ref = ref;
            this.frame = frame;
            this.readOnly = readOnly;
        }
    }

    private final Map<Integer, List<Life>> lives = new HashMap<>();
    private final Map<Integer, Map<Integer, Held>> held = new HashMap<>();
    /** The frame that was last mapped at an address, by domain. */
    private final Map<Integer, Map<Long, Long>> frameAt = new HashMap<>();
    private final Map<Integer, Long> begun = new HashMap<>();
    private long now;
    long maps;
    long accesses;
    long faults;

    /** The frontend is about to grant a run, or has just granted it and nobody else ran since. */
    void granted(int first, int count, int domid, long frame, boolean readOnly) {
        now++;
        for (int i = 0; i < count; i++) {
            List<Life> all = lives.computeIfAbsent(first + i, r -> new ArrayList<>());
            // Lives that ended before every call in progress began can explain nothing any more.
            long oldest = begun.values().stream().mapToLong(Long::longValue).min().orElse(now);
            all.removeIf(life -> life.to < oldest);
            all.add(new Life(first + i, domid, frame + i, readOnly));
        }
    }

    /** The frontend got a run back for good: nobody may map any of it. */
    void ended(int first, int count) {
        now++;
        for (int ref = first; ref < first + count; ref++) {
            lives.getOrDefault(ref, List.of()).forEach(life -> life.to = Math.min(life.to, now));
            for (Map.Entry<Integer, Map<Integer, Held>> backend : held.entrySet()) {
                for (Held mapping : backend.getValue().values()) {
                    if (mapping.ref == ref && !mapping.ending) {
                        throw new AssertionError("grant " + ref + " came back while domain " + backend.getKey() + " maps it");
                    }
                }
            }
        }
    }

    @Override
    public void begins(int domid) {
        begun.put(domid, ++now);
    }

    @Override
    public void mapped(int domid, MapRequest request, MapRequest.Result result) {
        long from = begun.remove(domid);
        if (result.status() != GrantStatus.OKAY) {
            return;
        }
        maps++;
        boolean readOnly = (request.flags() & MapRequest.READONLY) != 0;
        long frame = result.deviceBusAddress() >>> 12;
        Held mapping = new Held(request.ref(), frame, readOnly);
        Map<Integer, Held> own = held.computeIfAbsent(domid, d -> new HashMap<>());
        // A grant pinned by this domain already lives on in the snapshot, even when its entry ended meanwhile.
        boolean explained = explained(domid, request.ref(), frame, readOnly, from)
                || own.values().stream().anyMatch(h -> h.ref == request.ref() && h.frame == frame && (readOnly || !h.readOnly));
        if (!explained) {
            throw new AssertionError("domain " + domid + " mapped grant " + request.ref() + (readOnly ? " ro" : " rw")
                    + ", frame 0x" + Long.toHexString(frame) + ", which it was never given");
        }
        frameAt.computeIfAbsent(domid, d -> new HashMap<>()).put(request.hostAddress(), frame);
        Held before = own.put(result.handle(), mapping);
        if (before != null) {
            throw new AssertionError("domain " + domid + ": handle " + result.handle() + " is in use twice");
        }
    }

    private boolean explained(int domid, int ref, long frame, boolean readOnly, long from) {
        return lives.getOrDefault(ref, List.of()).stream().anyMatch(life -> life.domid == domid && life.frame == frame
                && (readOnly || !life.readOnly) && life.to >= from);
    }

    @Override
    public void unmapBegins(int domid, int handle) {
        Held mapping = held.getOrDefault(domid, Map.of()).get(handle);
        if (mapping != null) {
            mapping.ending = true;
        }
    }

    @Override
    public void unmapped(int domid, int handle, boolean effective, GrantStatus status) {
        now++;
        Map<Integer, Held> own = held.getOrDefault(domid, new HashMap<>());
        Held mapping = own.get(handle);
        if (status == GrantStatus.OKAY && effective) {
            if (mapping == null) {
                throw new AssertionError("domain " + domid + " unmapped handle " + handle + ", which it does not have");
            }
            own.remove(handle);
        } else if (mapping != null) {
            mapping.ending = false;
        }
    }

    @Override
    public void accessed(int domid, long address, boolean write, String fault) {
        accesses++;
        if (fault != null) {
            faults++;
            return;
        }
        // Two mappings of one page with the same rights may be given back with each other's address, so the page counts.
        Long frame = frameAt.getOrDefault(domid, Map.of()).get(address & -4096L);
        boolean allowed = frame != null && held.getOrDefault(domid, Map.of()).values().stream()
                .anyMatch(h -> h.frame == frame && (!write || !h.readOnly));
        if (!allowed) {
            throw new AssertionError("domain " + domid + (write ? " wrote to" : " read from") + " 0x" + Long.toHexString(address)
                    + " without a mapping that allows it");
        }
    }

    @Override
    public void copied(int domid, int source, int destination, GrantStatus status) {
        long from = begun.remove(domid);
        if (status == GrantStatus.OKAY && !(mayCopy(domid, source, true, from) && mayCopy(domid, destination, false, from))) {
            throw new AssertionError("domain " + domid + " copied from grant " + source + " to " + destination
                    + " without both");
        }
    }

    private boolean mayCopy(int domid, int ref, boolean readOnly, long from) {
        return lives.getOrDefault(ref, List.of()).stream().anyMatch(life -> life.domid == domid
                && (readOnly || !life.readOnly) && life.to >= from)
                || held.getOrDefault(domid, Map.of()).values().stream()
                        .anyMatch(h -> h.ref == ref && (readOnly || !h.readOnly));
    }

    /** A backend is gone, and with it what it mapped. */
    void destroyed(int domid) {
        held.remove(domid);
    }

    /** Mappings a backend holds. */
    int held(int domid) {
        return held.getOrDefault(domid, Map.of()).size();
    }
}
