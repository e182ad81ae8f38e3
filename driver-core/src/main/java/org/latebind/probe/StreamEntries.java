package org.latebind.probe;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Who meets whom in the stream-map entries of an SMMUv1/v2 (driver-core sheet, section 7.2; SMMU sheet, "Stream map entry
 * search" and "device_group"): a client whose stream lies inside an entry of another client shares that entry and so the
 * group; one whose stream overlaps an entry without lying inside it, or whose entries belong to different groups, is refused
 * with EINVAL. Who comes first decides, so the answer is taken from who is attached ({@link #meets}).
 *
 * <p>Nearly always nothing depends on it: each client has streams of its own, or all who meet name the same ones. Such clients
 * have a fixed place ({@link #twin}); only the others are <em>tied</em>. Immutable.
 *
 * <p>One thing is left out: an entry stays as wide as its first owner made it when that one leaves before the others.
 */
final class StreamEntries {

    /** Answer of {@link #meets}: the client is refused. */
    static final int REFUSED = -3;

    private static final int[] NONE = {};

    /** Streams of each device, mask in the upper and id in the lower half; empty where the driver does not group by them. */
    private final int[][] streams;
    private final String[] pciKey;
    /** First device with the same streams, where several share them and meet nobody else; else -1. */
    private final int[] twin;
    /** Number of the device's set of tied clients, or -1. */
    private final int[] set;
    private final int[][] members;
    /** Whether a client of the set can be refused, by set. */
    private final BitSet refusing = new BitSet();

    StreamEntries(Board board, boolean[] byStream) {
        int n = board.devices.length;
        streams = new int[n][];
        pciKey = new String[n];
        for (int d = 0; d < n; d++) {
            int iommu = iommuOf(board.devices[d]);
            streams[d] = iommu >= 0 && byStream[iommu] ? streamsOf(board, board.devices[d]) : NONE;
            pciKey[d] = board.devices[d].groupKey();
        }
        StreamSets sets = new StreamSets(board, streams);
        twin = new int[n];
        set = new int[n];
        members = sets.number(twin, set);
        for (int s = 0; s < members.length; s++) {
            refusing.set(s, mayRefuse(members[s]));
        }
    }

    /** Part of it, for slices. */
    StreamEntries(StreamEntries whole, int[] deviceNumbers) {
        int n = deviceNumbers.length;
        streams = new int[n][];
        pciKey = new String[n];
        twin = new int[n];
        set = new int[n];
        Map<Integer, Integer> numbers = new HashMap<>();
        int[][] lists = new int[n][];
        int[] device = Board.inverse(deviceNumbers, whole.streams.length);
        for (int d = 0; d < n; d++) {
            streams[d] = whole.streams[deviceNumbers[d]];
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
                if (StreamSets.tiesItself(streams[d]) || meet(d, r) && !StreamSets.same(streams[d], streams[r])) {
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
    int meets(StateView state, int device, int iommu) {
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
    private int owner(StateView state, int device, int iommu, int i) {
        int stream = streams[device][i];
        boolean overlaps = false;
        for (int other : members[set[device]]) {
            if (other != device && state.attachedTo(other) == iommu) {
                for (int entry : streams[other]) {
                    if (inside(stream, entry)) {
                        return other;
                    }
                    overlaps |= overlap(stream, entry);
                }
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

    private int pciMate(StateView state, int device) {
        for (int other : members[set[device]]) {
            if (other != device && mates(device, other) && state.group(other) >= 0) {
                return other;
            }
        }
        return AttachAnswer.ALONE;
    }

    private boolean mates(int device, int other) {
        return pciKey[device] != null && pciKey[device].equals(pciKey[other]);
    }

    /** What the refusal is about, in words; null for a device that is never refused here. */
    String explain(StateView state, int device, int iommu) {
        if (!mayBeRefused(device)) {
            return null;
        }
        if (meets(state, device, iommu) != REFUSED) {
            return "others held its stream entries then; unbound and bound again, it would be attached";
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
