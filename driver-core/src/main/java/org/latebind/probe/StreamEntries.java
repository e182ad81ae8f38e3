package org.latebind.probe;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Who meets whom in the stream-map entries of an SMMUv1/v2 (driver-core sheet, section 7.2; SMMU sheet, "Stream map entry
 * search" and "device_group"): a client whose stream lies inside an entry of another client shares that entry and so the
 * group; one whose stream overlaps an entry without lying inside it, or whose entries belong to different groups, is refused
 * with EINVAL. Who comes first decides, so the answer is taken from who is attached ({@link #meets}). An SMMUv3 shares nothing: a
 * client with a stream that another one has is refused (recorded boots of 6.1, 6.12 and 7.3).
 *
 * <p>Nearly always nothing depends on it: each client has streams of its own, or all who meet name the same ones. Such clients
 * have a fixed place ({@link #twin}); only the others are <em>tied</em>. A state holds, for every stream of a tied client that is
 * attached, the entry it lies in: an entry stays as wide as its first owner made it, also when that one leaves before others.
 * Immutable.
 */
final class StreamEntries {

    /** Answer of {@link #meets}: the client is refused. */
    static final int REFUSED = -3;

    private static final int[] NONE = {};

    /**
     * Streams of each device, mask in the upper and id in the lower half; empty where the driver does not group by them. Those of
     * SMMUv3, which are wider and have no mask, are numbered.
     */
    private final int[][] streams;
    /** Whether the device shares its streams with nobody. */
    private final boolean[] exclusive;
    private final String[] pciKey;
    /** First device with the same streams, where several share them and meet nobody else; else -1. */
    private final int[] twin;
    /** Number of the device's set of tied clients, or -1. */
    private final int[] set;
    private final int[][] members;
    /** First of the cells of a tied device, among {@link #cellCount}. */
    private final int[] place;
    private final int cellCount;
    /** Whether a client of the set can be refused, by set. */
    private final BitSet refusing = new BitSet();

    StreamEntries(Board board, boolean[] byStream, boolean[] byOwner) {
        int n = board.devices.length;
        streams = new int[n][];
        exclusive = new boolean[n];
        Map<Integer, Integer> numbers = numbers(board, byOwner);
        pciKey = new String[n];
        for (int d = 0; d < n; d++) {
            int iommu = iommuOf(board.devices[d]);
            exclusive[d] = iommu >= 0 && byOwner[iommu];
            streams[d] = exclusive[d] ? numbered(idsOf(board.devices[d]), numbers)
                : iommu >= 0 && byStream[iommu] ? streamsOf(board, board.devices[d]) : NONE;
            pciKey[d] = board.devices[d].groupKey();
        }
        StreamSets sets = new StreamSets(board, streams, exclusive);
        twin = new int[n];
        set = new int[n];
        members = sets.number(twin, set);
        for (int s = 0; s < members.length; s++) {
            refusing.set(s, mayRefuse(members[s]));
        }
        place = new int[n];
        cellCount = places();
    }

    /** Part of it, for slices. */
    StreamEntries(StreamEntries whole, int[] deviceNumbers) {
        int n = deviceNumbers.length;
        streams = new int[n][];
        exclusive = new boolean[n];
        pciKey = new String[n];
        twin = new int[n];
        set = new int[n];
        Map<Integer, Integer> numbers = new HashMap<>();
        int[][] lists = new int[n][];
        int[] device = Board.inverse(deviceNumbers, whole.streams.length);
        for (int d = 0; d < n; d++) {
            streams[d] = whole.streams[deviceNumbers[d]];
            exclusive[d] = whole.exclusive[deviceNumbers[d]];
            pciKey[d] = whole.pciKey[deviceNumbers[d]];
            twin[d] = -1;
            int old = whole.set[deviceNumbers[d]];
            set[d] = old < 0 ? -1 : numbers.computeIfAbsent(old, key -> numbers.size());
            if (old >= 0 && lists[set[d]] == null) {
                lists[set[d]] = Arrays.stream(whole.members[old]).map(m -> device[m]).filter(m -> m >= 0).toArray();
                refusing.set(set[d], whole.refusing.get(old));
            }
        }
        members = Arrays.copyOf(lists, numbers.size());
        place = new int[n];
        cellCount = places();
    }

    /**
     * Numbers of the ids of SMMUv3; those that only one device names are left out where there are too many to number, which no
     * board comes near.
     */
    private static Map<Integer, Integer> numbers(Board board, boolean[] byOwner) {
        Map<Integer, Integer> firsts = new HashMap<>();
        Map<Integer, Integer> all = new HashMap<>();
        Map<Integer, Integer> shared = new HashMap<>();
        for (BoardDevice device : board.devices) {
            int iommu = iommuOf(device);
            if (iommu >= 0 && byOwner[iommu]) {
                idsOf(device).forEach(id -> {
                    all.putIfAbsent(id, all.size());
                    if (firsts.computeIfAbsent(id, key -> device.index()) != device.index()) {
                        shared.putIfAbsent(id, shared.size() & 0xffff);
                    }
                });
            }
        }
        return all.size() <= 0x10000 ? all : shared;
    }

    private static int[] numbered(IntStream ids, Map<Integer, Integer> numbers) {
        return ids.filter(numbers::containsKey).map(numbers::get).toArray();
    }

    private int places() {
        int next = 0;
        for (int d = 0; d < place.length; d++) {
            place[d] = next;
            next += set[d] < 0 ? 0 : streams[d].length;
        }
        return next;
    }

    /** Cells a state keeps for entries. */
    int cellCount() {
        return cellCount;
    }

    /** Cell of the entry of a tied device's {@code i}-th stream; bits as those of a stream. */
    int cell(Layout at, int device, int i) {
        return at.streamEntries + place[device] + i;
    }

    /** Number of streams of a tied device; 0 for others. */
    int streamCount(int device) {
        return set[device] < 0 ? 0 : streams[device].length;
    }

    /** The IOMMU a device is attached to: that of its first entry (section 4.4). */
    static int iommuOf(BoardDevice device) {
        return device.iommus().isEmpty() ? device.legacyIommu() : device.iommus().get(0).iommu();
    }

    private static int[] streamsOf(Board board, BoardDevice device) {
        if (device.iommus().isEmpty()) {
            return device.legacyIds().stream().mapToInt(Integer::intValue).toArray();
        }
        int[] found = new int[device.iommus().size()];
        int count = 0;
        for (IommuEntry entry : device.iommus()) {
            if (entry.iommu() < 0) {
                break;
            }
            if (entry.ids().length > 0) {
                int mask = entry.ids().length > 1 ? entry.ids()[1] : board.streamMatchMask[entry.iommu()];
                found[count++] = mask << 16 | entry.ids()[0] & 0xffff;
            }
        }
        return Arrays.copyOf(found, count);
    }

    private static IntStream idsOf(BoardDevice device) {
        return device.iommus().stream().takeWhile(entry -> entry.iommu() >= 0).filter(entry -> entry.ids().length > 0)
            .mapToInt(entry -> entry.ids()[0]);
    }

    /** Whether some stream matches both. */
    static boolean overlap(int stream, int other) {
        return ((stream ^ other) & 0xffff & ~(stream >>> 16 | other >>> 16)) == 0;
    }

    /** Whether everything that matches the stream matches the other one too. */
    static boolean inside(int stream, int other) {
        return (stream >>> 16 & ~(other >>> 16)) == 0 && ((stream ^ other) & 0xffff & ~(other >>> 16)) == 0;
    }

    private boolean mayRefuse(int[] clients) {
        for (int d : clients) {
            for (int r : clients) {
                boolean alike = d == r || !exclusive[d] && StreamSets.same(streams[d], streams[r]);
                if (StreamSets.tiesItself(streams[d]) || !alike && meet(d, r)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether some stream matches entries of both devices. */
    boolean meet(int d, int r) {
        return Arrays.stream(streams[d]).anyMatch(s -> Arrays.stream(streams[r]).anyMatch(o -> overlap(s, o)));
    }

    /** First device with the same streams, where several have the same and meet nobody else; else -1. */
    int twin(int device) {
        return twin[device];
    }

    /** Whether the group of the device depends on who is attached already. */
    boolean tied(int device) {
        return set[device] >= 0;
    }

    /** Whether the device can be refused, by who is attached already. */
    boolean mayBeRefused(int device) {
        return set[device] >= 0 && refusing.get(set[device]);
    }

    /** Whether anybody can be refused. */
    boolean refusals() {
        return !refusing.isEmpty();
    }

    /** The clients that can have a say in a tied device's group, itself among them, ascending; empty for others. */
    int[] members(int device) {
        return set[device] < 0 ? NONE : members[set[device]];
    }

    /**
     * Whom a tied client meets that is about to be attached.
     *
     * @return a device whose group it joins, {@link AttachAnswer#ALONE}, or {@link #REFUSED}
     */
    int meets(Cells state, int device, int iommu) {
        int found = AttachAnswer.ALONE;
        for (int i = 0; i < streams[device].length; i++) {
            int owner = owner(state, device, iommu, i);
            if (owner == REFUSED || owner >= 0 && found >= 0 && state.group(owner) != state.group(found)) {
                return REFUSED;
            }
            found = owner >= 0 ? owner : found;
        }
        return found >= 0 ? found : pciMate(state, device);
    }

    /** An attached client in whose entry the {@code i}-th stream lies, {@link AttachAnswer#ALONE}, or {@link #REFUSED}. */
    private int owner(Cells state, int device, int iommu, int i) {
        int stream = streams[device][i];
        boolean overlaps = false;
        for (int other : members[set[device]]) {
            for (int j = 0; other != device && state.attachedTo(other) == iommu && j < streams[other].length; j++) {
                int entry = state.c[cell(state.at, other, j)];
                if (inside(stream, entry)) {
                    return exclusive[device] ? REFUSED : other;
                }
                overlaps |= overlap(stream, entry);
            }
        }
        boolean lies = false;
        boolean meets = false;
        for (int j = 0; j < i; j++) {
            lies |= inside(stream, streams[device][j]);
            meets |= overlap(stream, streams[device][j]);
        }
        return overlaps || meets && !lies ? REFUSED : AttachAnswer.ALONE;
    }

    /** Notes which entries a tied device takes that joins a group: those of others its streams lie in, else entries of its own. */
    void take(Work w, int device, int iommu) {
        for (int i = 0; i < streamCount(device); i++) {
            int entry = streams[device][i];
            for (int j = i - 1; j >= 0; j--) {
                entry = inside(entry, streams[device][j]) ? streams[device][j] : entry;
            }
            int owner = iommu < 0 ? AttachAnswer.ALONE : owner(w, device, iommu, i);
            for (int j = 0; owner >= 0 && j < streams[owner].length; j++) {
                int held = w.c[cell(w.at, owner, j)];
                entry = inside(streams[device][i], held) ? held : entry;
            }
            w.c[cell(w.at, device, i)] = entry;
        }
    }

    /** Forgets the entries of a device that is detached. */
    void drop(Work w, int device) {
        for (int i = 0; i < streamCount(device); i++) {
            w.c[cell(w.at, device, i)] = 0;
        }
    }

    /** All entries a tied device's {@code i}-th stream can lie in, ascending. */
    int[] entries(int device, int i) {
        return Arrays.stream(members(device)).flatMap(m -> Arrays.stream(streams[m]))
            .filter(entry -> inside(streams[device][i], entry)).sorted().distinct().toArray();
    }

    /** The first grouped function, by requester id, that PCI rules put together with this one. */
    private int pciMate(Cells state, int device) {
        int first = AttachAnswer.ALONE;
        for (int other : members[set[device]]) {
            if (other != device && mates(device, other) && state.group(other) >= 0 && (first < 0
                    || state.board().device(other).requesterId() < state.board().device(first).requesterId())) {
                first = other;
            }
        }
        return first;
    }

    private boolean mates(int device, int other) {
        return pciKey[device] != null && pciKey[device].equals(pciKey[other]);
    }

    /** Whether the device shares its streams with nobody. */
    boolean exclusive(int device) {
        return exclusive[device];
    }

    /** What the refusal is about, in words; null for a device that is never refused here. */
    String explain(Cells state, int device, int iommu) {
        if (!mayBeRefused(device)) {
            return null;
        }
        if (meets(state, device, iommu) != REFUSED) {
            return "others held its stream entries then; unbound and bound again, it would be attached";
        }
        if (exclusive[device]) {
            int i = IntStream.range(0, streams[device].length).filter(s -> owner(state, device, iommu, s) == REFUSED).findFirst()
                .orElse(0);
            return String.format("its stream 0x%x belongs to another device already", idsOf(state.board().device(device)).toArray()[i]);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < streams[device].length; i++) {
            int owner = owner(state, device, iommu, i);
            if (owner == REFUSED) {
                return String.format("its stream 0x%x with mask 0x%x overlaps another entry without lying inside it",
                    streams[device][i] & 0xffff, streams[device][i] >>> 16);
            } else if (owner >= 0) {
                text.append(text.isEmpty() ? "" : ", ").append(String.format("stream 0x%x with %s in group %d",
                    streams[device][i] & 0xffff, state.board().device(owner).path(), state.group(owner)));
            }
        }
        return "its streams lie in different groups (" + text + ")";
    }

    /** All that decides something about a device, without names. */
    String shape(int device) {
        if (set[device] < 0) {
            return "";
        }
        StringBuilder s = new StringBuilder("s").append(set[device]);
        for (int other : members[set[device]]) {
            s.append(mates(device, other) ? 'm' : '.');
            for (int stream : streams[device]) {
                for (int entry : streams[other]) {
                    s.append(inside(stream, entry) ? 'i' : overlap(stream, entry) ? 'o' : '-');
                }
                s.append(',');
            }
        }
        return s.toString();
    }
}
