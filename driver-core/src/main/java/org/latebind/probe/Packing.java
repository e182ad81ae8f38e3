package org.latebind.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Packs the cells that can decide anything into a few longs, and unpacks them into a whole state. Immutable. */
final class Packing {

    /** Counters of a search: unloads, failures, binds by hand. */
    static final int COUNTERS = 3;
    private static final int COUNTER_BITS = 3;
    private static final int FLAGS = Layout.F_ENABLED | Layout.F_INITCALLS_DONE | Layout.F_RUNNING | Layout.F_REGISTRATION_DONE
        | Layout.F_PANIC | Layout.F_LATE_INIT | Layout.F_NO_IOMMU;
    private static final int FLAG_BITS = 9;

    /** Devices whose state can change. */
    final int[] moving;
    /** Loadable modules. */
    final int[] loadable;
    /** Loadable drivers. */
    private final int[] loadableDrivers;
    private final int[][] flagMasks;
    private final int[][] possibleIommus;
    /** Of tied devices: the stream-map entries each stream can lie in. */
    private final int[][][] entries;
    private final boolean[] identity;
    private final int[] driverBits;
    private final int[] iommuBits;
    private final Tables t;
    private final int[] template;
    private final boolean ordered;
    private final boolean ranks;
    private final boolean bindOrder;
    private final OrderPacking orders;
    private final boolean relaxes;
    private final int[] adopting;
    private final boolean busOps;
    private final boolean legacy;
    private final boolean[] counted;
    private final int initialTimeout;
    private final int firstRank;
    private final int words;

    Packing(Tables t, int[] cells, boolean[] fixed, Slice.Options options) {
        this.t = t;
        List<Integer> movers = new ArrayList<>();
        for (int d = 0; d < t.deviceCount; d++) {
            if (!fixed[d]) {
                movers.add(d);
            }
        }
        moving = movers.stream().mapToInt(Integer::intValue).toArray();
        loadable = java.util.stream.IntStream.range(0, t.moduleCount).filter(m -> !t.catalogue.module(m).builtin()).toArray();
        loadableDrivers = java.util.stream.IntStream.range(0, t.driverCount)
            .filter(r -> !t.catalogue.module(t.moduleOfDriver[r]).builtin()).toArray();
        ordered = options.ordered();
        counted = new boolean[] {options.unloads() > 0, options.failures() > 0, options.binds() > 0};
        boolean leaves = counted[0] || counted[2];
        ranks = Arrays.stream(moving).anyMatch(d -> t.driversOfDevice[d].length > 1);
        bindOrder = counted[0] && Arrays.stream(t.devicesOfDriver).anyMatch(ds -> ds.length > 1);
        boolean additions = ordered && Arrays.stream(moving).anyMatch(d -> t.board.devices[d].creator() >= 0);
        orders = new OrderPacking(t, moving, loadableDrivers, ordered, bindOrder, additions);
        initialTimeout = t.parameters.timeoutSeconds(t.policy);
        relaxes = t.links.size() > 0 && (initialTimeout > 0 || !t.parameters.modules());
        adopting = java.util.stream.IntStream.range(0, t.links.size()).filter(l -> t.links.adopter[l] >= 0).toArray();
        busOps = t.couplings.oneIommuDriver();
        legacy = t.couplings.legacyMode() && Arrays.stream(t.legacyOfIommu).anyMatch(l -> l.length > 0);
        flagMasks = new int[t.deviceCount][];
        possibleIommus = new int[t.deviceCount][];
        entries = new int[t.deviceCount][][];
        identity = new boolean[t.deviceCount];
        driverBits = new int[t.deviceCount];
        for (int d : moving) {
            describe(d, leaves);
        }
        iommuBits = new int[t.iommuCount];
        for (int p = 0; p < t.iommuCount; p++) {
            iommuBits[p] = bits(t.driverCount + 1);
        }
        firstRank = cells[Layout.REGISTRATIONS] + 1;
        template = template(cells, fixed, additions);
        words = Math.max(1, (countBits() + 63) / 64);
    }

    private void describe(int d, boolean leaves) {
        BoardDevice device = t.board.devices[d];
        boolean driven = t.driversOfDevice[d].length > 0;
        BitSet possible = new BitSet();
        Arrays.stream(t.iommusOf[d]).filter(p -> p >= 0).forEach(possible::set);
        if (device.legacyIommu() >= 0) {
            possible.set(device.legacyIommu());
        }
        possibleIommus[d] = possible.stream().toArray();
        entries[d] = new int[t.streams.streamCount(d)][];
        Arrays.setAll(entries[d], i -> t.streams.entries(d, i));
        identity[d] = t.parameters.passthrough()
            || device.iommus().isEmpty() && t.policy.legacy != Policy.Legacy.EDGES_FROM_TREE;
        int mask = device.creator() >= 0 ? Layout.D_PRESENT : 0;
        if (driven) {
            mask |= Layout.D_FAILED | (leaves ? Layout.D_FORCED_OFF : 0);
            mask |= t.links.ofConsumer[d].length + t.links.ofSupplier[d].length > 0 ? Layout.D_CAN_MATCH : 0;
        }
        if (!possible.isEmpty()) {
            mask |= Layout.D_GROUPED | (t.policy.lookup == Policy.Lookup.AT_CREATION ? Layout.D_SPEC : 0);
        }
        mask |= t.parameters.asyncChoice() && driven ? Layout.D_QUEUED_ASYNC : 0;
        flagMasks[d] = new int[Integer.bitCount(mask)];
        for (int i = 0; mask != 0; i++) {
            flagMasks[d][i] = Integer.numberOfTrailingZeros(mask);
            mask &= mask - 1;
        }
        driverBits[d] = bits(t.driversOfDevice[d].length + 1);
    }

    private static int bits(int count) {
        return OrderPacking.bits(count);
    }

    int words() {
        return words;
    }

    /** What does not change, and for the rest an empty machine. */
    private int[] template(int[] cells, boolean[] fixed, boolean additions) {
        Work w = new Work(t);
        int[] c = w.c;
        Projection.clear(t, c);
        Layout at = t.layout;
        c[Layout.FLAGS] = cells[Layout.FLAGS] & ~FLAGS;
        c[Layout.TIMEOUT] = cells[Layout.TIMEOUT];
        c[Layout.BUS_OPS] = cells[Layout.BUS_OPS];
        c[Layout.LEGACY_MODE] = cells[Layout.LEGACY_MODE];
        c[Layout.ADDITIONS] = 2 * t.deviceCount + 1;
        c[Layout.DISTURBED] = additions ? -1 : 0;
        c[Layout.REGISTRATIONS] = firstRank + t.driverCount;
        for (int r = 0; r < t.driverCount; r++) {
            c[at.registered + r] = t.catalogue.module(t.moduleOfDriver[r]).builtin() ? cells[at.registered + r] : 0;
        }
        for (int m = 0; m < t.moduleCount; m++) {
            c[at.loaded + m] = t.catalogue.module(m).builtin() ? cells[at.loaded + m] : 0;
        }
        for (int d = 0; d < t.deviceCount; d++) {
            c[at.added + d] = d + 1;
            c[at.busLast + t.board.busOfDevice[d]] = d;
            if (fixed[d]) {
                c[at.driver + d] = cells[at.driver + d];
                c[at.flags + d] = cells[at.flags + d] & ~(Layout.D_GROUPED | Layout.D_IDENTITY | Layout.D_ON_DRIVER);
                if (c[at.driver + d] >= 0) {
                    w.addToDriver(d, c[at.driver + d]);
                }
                if ((cells[at.flags + d] & Layout.D_GROUPED) != 0) {
                    join(c, d, cells[at.attachedTo + d] - 1, (cells[at.flags + d] & Layout.D_IDENTITY) != 0,
                        t.streams.tied(d) ? representative(cells, d) : d);
                    for (int i = 0; i < t.streams.streamCount(d); i++) {
                        c[t.streams.cell(at, d, i)] = cells[t.streams.cell(at, d, i)];
                    }
                }
            } else {
                c[at.flags + d] = t.board.devices[d].creator() >= 0 ? 0 : Layout.D_PRESENT;
            }
        }
        return c;
    }

    /** Tied devices have a partition each; the group has the number of the one that stands for it. */
    private void join(int[] c, int d, int iommu, boolean isIdentity, int representative) {
        Layout at = t.layout;
        int number = t.partition[representative];
        c[at.groupUsed + (number >> 5)] |= 1 << (number & 31);
        c[at.groupMembers + number]++;
        c[at.group + d] = number;
        c[at.partitionGroup + number] = t.streams.tied(d) ? 0 : number + 1;
        c[at.attachedTo + d] = iommu + 1;
        if (iommu >= 0) {
            c[at.iommuClients + iommu]++;
        }
        c[at.flags + d] |= Layout.D_GROUPED | (isIdentity ? Layout.D_IDENTITY : 0);
    }

    /** What never changes, for comparing slices. */
    String fixedPart() {
        StringBuilder s = new StringBuilder();
        Layout at = t.layout;
        for (int d = 0; d < t.deviceCount; d++) {
            s.append(template[at.driver + d]).append(',').append(template[at.flags + d]).append(',')
                .append(template[at.attachedTo + d]).append(';');
        }
        for (int r = 0; r < t.driverCount; r++) {
            s.append(template[at.registered + r] == 0 ? 0 : rank(r)).append(';');
        }
        return s.append(template[Layout.FLAGS]).toString();
    }

    private int rank(int driver) {
        int rank = 1;
        for (int r = 0; r < t.driverCount; r++) {
            rank += template[t.layout.registered + r] < template[t.layout.registered + driver] ? 1 : 0;
        }
        return rank;
    }

    private int countBits() {
        Bits bits = new Bits(null, 0);
        Work w = new Work(t);
        System.arraycopy(template, 0, w.c, 0, template.length);
        write(w.c, State.NOTHING_RARE, new int[0], 0, new int[COUNTERS], new long[(loadable.length + 63) / 64], bits);
        return bits.count();
    }

    /** Modules that have been loaded at least once. */
    long[] everLoaded(int[] cells) {
        long[] ever = new long[(loadable.length + 63) / 64];
        for (int i = 0; i < loadable.length; i++) {
            if (cells[t.layout.loaded + loadable[i]] != 0) {
                ever[i >> 6] |= 1L << i;
            }
        }
        return ever;
    }

    void pack(int[] c, int[] rare, int[] queue, int queued, int[] counters, long[] ever, long[] out, int start) {
        Arrays.fill(out, start, start + words, 0);
        write(c, rare, queue, queued, counters, ever, new Bits(out, start));
    }

    private void write(int[] c, int[] rare, int[] queue, int queued, int[] counters, long[] ever, Bits b) {
        Layout at = t.layout;
        int f = c[Layout.FLAGS] & FLAGS;
        b.put(f & 7 | f >> 1 & 8 | f >> 2 & 0x70, FLAG_BITS - 2);
        b.put(c[Layout.TIMEOUT] != initialTimeout ? 1 : 0, 1);
        b.put((c[Layout.DUE_LOW] & c[Layout.DUE_HIGH]) != -1 ? 1 : 0, 1);
        if (busOps) {
            b.put(c[Layout.BUS_OPS], bits(t.driverCount + 1));
        }
        if (legacy) {
            b.put(c[Layout.LEGACY_MODE], 2);
        }
        for (int i = 0; i < COUNTERS; i++) {
            if (counted[i]) {
                b.put(counters[i], COUNTER_BITS);
            }
        }
        for (int i = 0; i < loadable.length; i++) {
            b.put(c[at.loaded + loadable[i]], 1);
            if (counted[0]) {
                b.put((int) (ever[i >> 6] >>> i) & 1, 1);
            }
        }
        if (ranks) {
            orders.writeRanks(c, b);
        }
        for (int p = 0; p < t.iommuCount; p++) {
            int flags = c[at.iommuFlags + p];
            b.put(flags & 7, 3);
            b.put((flags & Layout.P_LIVE) == 0 ? 0 : c[at.iommuDriver + p], iommuBits[p]);
        }
        if (relaxes) {
            for (int l = 0; l < t.links.size(); l++) {
                b.put(c[at.linkBits + (l >> 4)] >>> ((l & 15) << 1) & 1, 1);
            }
        }
        for (int l : adopting) {
            b.put(c[at.linkBits + (l >> 4)] >>> ((l & 15) << 1 | 1) & 1, 1);
        }
        for (int d : moving) {
            writeDevice(c, rare, d, b);
        }
        orders.write(c, queue, queued, b);
    }

    private void writeDevice(int[] c, int[] rare, int d, Bits b) {
        Layout at = t.layout;
        int driver = c[at.driver + d];
        if (driverBits[d] > 0) {
            int place = 0;
            if (driver >= 0) {
                int[] all = t.driversOfDevice[d];
                while (all[place++] != driver) {
                    continue;
                }
            }
            b.put(place, driverBits[d]);
            if (!ordered) {
                b.put(c[at.next + d] >= 0 && (c[at.flags + d] & Layout.D_ON_DRIVER) == 0 ? 1 : 0, 1);
            }
            if (counted[1]) {
                b.put(injected(rare.length == 0 ? 0 : rare[d], d), driverBits[d]);
            }
        }
        int flags = c[at.flags + d];
        for (int bit : flagMasks[d]) {
            b.put(flags >>> bit & 1, 1);
        }
        if (possibleIommus[d].length > 0) {
            int attached = c[at.attachedTo + d] - 1;
            b.put(attached < 0 ? 0 : Arrays.binarySearch(possibleIommus[d], attached) + 1, bits(possibleIommus[d].length + 1));
        }
        if (t.streams.tied(d)) {
            int[] members = t.streams.members(d);
            b.put((flags & Layout.D_GROUPED) == 0 ? 0 : Arrays.binarySearch(members, representative(c, d)), bits(members.length));
            for (int i = 0; i < entries[d].length; i++) {
                int place = (flags & Layout.D_GROUPED) == 0 ? 0 : Arrays.binarySearch(entries[d][i], c[t.streams.cell(at, d, i)]);
                b.put(Math.max(0, place), bits(entries[d][i].length));
            }
        }
    }

    /** Who stands for the group of a tied device: its first member that never changes, else its first member. */
    private int representative(int[] c, int d) {
        int first = -1;
        for (int m : t.streams.members(d)) {
            boolean shares = (c[t.layout.flags + m] & Layout.D_GROUPED) != 0 && c[t.layout.group + m] == c[t.layout.group + d];
            if (shares && Arrays.binarySearch(moving, m) < 0) {
                return m;
            }
            first = first < 0 && shares ? m : first;
        }
        return first;
    }

    private int injected(int inject, int d) {
        return inject == 0 ? 0 : Arrays.binarySearch(t.driversOfDevice[d], (inject >> 12) - 1) + 1;
    }

    // ---- and back

    /** Fills the working memory. */
    void unpack(long[] in, int start, Work w, int[] counters, long[] ever) {
        int[] c = w.c;
        System.arraycopy(template, 0, c, 0, template.length);
        w.rare = State.NOTHING_RARE;
        Layout at = t.layout;
        Bits b = new Bits(in, start);
        int f = b.get(FLAG_BITS - 2);
        c[Layout.FLAGS] |= f & 7 | (f & 8) << 1 | (f & 0x70) << 2;
        if (b.get(1) != 0) {
            c[Layout.TIMEOUT] = 0;
        }
        if (b.get(1) != 0) {
            w.wide(Layout.DUE_LOW, c[Layout.TIMEOUT] * Calendar.MICROS);
        }
        if (busOps) {
            c[Layout.BUS_OPS] = b.get(bits(t.driverCount + 1));
        }
        if (legacy) {
            c[Layout.LEGACY_MODE] = b.get(2);
        }
        for (int i = 0; i < COUNTERS; i++) {
            counters[i] = counted[i] ? b.get(COUNTER_BITS) : 0;
        }
        readModules(c, b, ever);
        for (int p = 0; p < t.iommuCount; p++) {
            int flags = b.get(3);
            c[at.iommuFlags + p] = flags | (flags != 0 ? Layout.P_EVER : 0);
            c[at.iommuDriver + p] = b.get(iommuBits[p]);
        }
        if (relaxes) {
            for (int l = 0; l < t.links.size(); l++) {
                c[at.linkBits + (l >> 4)] |= b.get(1) << ((l & 15) << 1);
            }
        }
        for (int l : adopting) {
            c[at.linkBits + (l >> 4)] |= b.get(1) << ((l & 15) << 1 | 1);
        }
        for (int d : moving) {
            readDevice(w, d, b);
        }
        orders.read(w, b);
    }

    private void readModules(int[] c, Bits b, long[] ever) {
        Layout at = t.layout;
        Arrays.fill(ever, 0);
        for (int i = 0; i < loadable.length; i++) {
            int loaded = b.get(1);
            c[at.loaded + loadable[i]] = loaded;
            if (counted[0] ? b.get(1) != 0 : loaded != 0) {
                ever[i >> 6] |= 1L << i;
            }
        }
        if (ranks) {
            int width = bits(loadableDrivers.length + 1);
            for (int r : loadableDrivers) {
                int rank = b.get(width);
                c[at.registered + r] = rank == 0 ? 0 : firstRank + rank;
            }
        } else {
            for (int r : loadableDrivers) {
                c[at.registered + r] = c[at.loaded + t.moduleOfDriver[r]] == 0 ? 0 : firstRank + 1 + r;
            }
        }
    }

    private void readDevice(Work w, int d, Bits b) {
        int[] c = w.c;
        Layout at = t.layout;
        if (driverBits[d] > 0) {
            int place = b.get(driverBits[d]);
            if (place > 0) {
                c[at.driver + d] = t.driversOfDevice[d][place - 1];
                if (!bindOrder || t.devicesOfDriver[c[at.driver + d]].length < 2) {
                    w.addToDriver(d, c[at.driver + d]);
                }
            }
            if (!ordered && b.get(1) != 0) {
                w.append(at.pending, d);
            }
            if (counted[1]) {
                int injected = b.get(driverBits[d]);
                if (injected != 0) {
                    w.inject(d, t.driversOfDevice[d][injected - 1] + 1 << 12 | Influence.injected());
                }
            }
        }
        int flags = 0;
        for (int bit : flagMasks[d]) {
            flags |= b.get(1) << bit;
        }
        c[at.flags + d] |= flags & ~Layout.D_GROUPED;
        int attached = -1;
        if (possibleIommus[d].length > 0) {
            attached = b.get(bits(possibleIommus[d].length + 1)) - 1;
        }
        int[] tied = t.streams.members(d);
        int representative = tied.length > 0 ? tied[b.get(bits(tied.length))] : d;
        if ((flags & Layout.D_GROUPED) != 0) {
            join(c, d, attached < 0 ? -1 : possibleIommus[d][attached], identity[d], representative);
        }
        for (int i = 0; tied.length > 0 && i < entries[d].length; i++) {
            int entry = entries[d][i][b.get(bits(entries[d][i].length))];
            c[t.streams.cell(at, d, i)] = attached < 0 ? 0 : entry;
        }
    }
}
