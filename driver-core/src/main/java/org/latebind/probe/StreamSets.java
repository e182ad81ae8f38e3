package org.latebind.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sorts the clients of IOMMUs that group by stream into sets: who overlaps whom, directly or through others, and who shares a
 * PCI group with them. A union-find over devices; streams without mask meet by look-up, so a board of many masters with one
 * stream each costs one look-up each.
 */
final class StreamSets {

    private final Board board;
    private final int[][] streams;
    private final boolean[] exclusive;
    private final int[] root;

    StreamSets(Board board, int[][] streams, boolean[] exclusive) {
        this.board = board;
        this.streams = streams;
        this.exclusive = exclusive;
        root = new int[streams.length];
        Arrays.setAll(root, d -> d);
        Map<Integer, Map<Integer, Integer>> owners = new LinkedHashMap<>();
        Map<String, Integer> pci = new HashMap<>();
        for (int d = 0; d < streams.length; d++) {
            if (streams[d].length == 0) {
                continue;
            }
            int iommu = StreamEntries.iommuOf(board.devices[d]);
            Map<Integer, Integer> known = owners.computeIfAbsent(iommu, key -> new LinkedHashMap<>());
            for (int stream : streams[d]) {
                join(d, known.putIfAbsent(stream, d));
            }
            if (board.devices[d].groupKey() != null) {
                join(d, pci.putIfAbsent(board.devices[d].groupKey(), d));
            }
        }
        owners.values().forEach(this::joinMasked);
    }

    private void joinMasked(Map<Integer, Integer> known) {
        for (Map.Entry<Integer, Integer> masked : known.entrySet()) {
            if (masked.getKey() >>> 16 == 0) {
                continue;
            }
            for (Map.Entry<Integer, Integer> other : known.entrySet()) {
                if (StreamEntries.overlap(masked.getKey(), other.getKey())) {
                    join(masked.getValue(), other.getValue());
                }
            }
        }
    }

    private void join(int device, Integer other) {
        if (other != null) {
            int a = find(device);
            int b = find(other);
            root[Math.max(a, b)] = Math.min(a, b);
        }
    }

    private int find(int device) {
        int d = device;
        while (root[d] != d) {
            root[d] = root[root[d]];
            d = root[d];
        }
        return d;
    }

    private static int[] sorted(int[] streams) {
        return Arrays.stream(streams).sorted().distinct().toArray();
    }

    static boolean tiesItself(int[] streams) {
        for (int i = 1; i < streams.length; i++) {
            boolean meets = false;
            boolean lies = false;
            for (int j = 0; j < i; j++) {
                meets |= StreamEntries.overlap(streams[i], streams[j]);
                lies |= StreamEntries.inside(streams[i], streams[j]);
            }
            if (meets && !lies) {
                return true;
            }
        }
        return false;
    }

    /**
     * Numbers the sets whose members' groups depend on who comes first.
     *
     * @param twin receives, for each device, the first one with the same streams when several share them and meet nobody else,
     *             else -1
     * @param set  receives the number of the device's set, or -1
     * @return members of each set, ascending
     */
    int[][] number(int[] twin, int[] set) {
        Map<Integer, List<Integer>> byRoot = new LinkedHashMap<>();
        for (int d = 0; d < root.length; d++) {
            twin[d] = -1;
            set[d] = -1;
            if (streams[d].length > 0) {
                byRoot.computeIfAbsent(find(d), key -> new ArrayList<>()).add(d);
            }
        }
        List<int[]> tied = new ArrayList<>();
        for (List<Integer> members : byRoot.values()) {
            int first = members.get(0);
            boolean alike = !tiesItself(streams[first])
                && members.stream().allMatch(d -> same(streams[first], streams[d]) && (!exclusive[d] || members.size() == 1));
            if (alike && members.size() > 1) {
                members.forEach(d -> twin[d] = first);
            } else if (!alike && !onlyPci(members)) {
                members.forEach(d -> set[d] = tied.size());
                tied.add(members.stream().mapToInt(Integer::intValue).toArray());
            }
        }
        return tied.toArray(int[][]::new);
    }

    static boolean same(int[] streams, int[] others) {
        return Arrays.equals(sorted(streams), sorted(others));
    }

    /** Whether the members have nothing in common but their PCI group, which then decides. */
    private boolean onlyPci(List<Integer> members) {
        if (members.stream().anyMatch(d -> tiesItself(streams[d]))) {
            return false;
        }
        Map<Integer, Integer> known = new HashMap<>();
        for (int d : members) {
            for (int stream : sorted(streams[d])) {
                if (stream >>> 16 != 0 || known.putIfAbsent(stream, d) != null) {
                    return false;
                }
            }
        }
        return members.stream().map(d -> board.devices[d].groupKey()).distinct().count() == 1;
    }
}
