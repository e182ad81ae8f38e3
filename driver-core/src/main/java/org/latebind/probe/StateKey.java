package org.latebind.probe;

import java.util.Arrays;

/**
 * The canonical encoding of a state at rest: everything a later decision can depend on, and nothing else. Left out: times (only
 * whether the timer is armed), causes and reason texts, group numbers and late names (who shares with whom is kept). Numbers
 * that
 * only order things (registrations, additions) become ranks.
 */
final class StateKey {

    private byte[] out = new byte[96];
    private int length;
    private byte[] in;
    private int at;

    private StateKey() {
    }

    // ---- encode

    static byte[] encode(State s) {
        if (s.frames.length > 0) {
            throw new IllegalStateException("a state with unfinished work has no key");
        }
        StateKey k = new StateKey();
        Tables t = s.t;
        int[] c = s.c;
        k.put(c[Layout.FLAGS]);
        k.put(c[Layout.TIMEOUT] + 1);
        k.put(s.timerDueMicros() >= 0 ? 1 : 0);
        k.put(c[Layout.BUS_OPS]);
        k.put(c[Layout.LEGACY_MODE]);
        k.put(c[Layout.DISTURBED]);
        k.bits(c, s.at.registered, t.driverCount);
        k.contendedOrder(c, s.at.registered, t.contended);
        k.bits(c, s.at.loaded, t.moduleCount);
        for (int d = 0; d < t.deviceCount; d++) {
            k.put(c[s.at.flags + d] & ~(Layout.D_ON_DRIVER | Layout.D_SYNCED));
            k.put(c[s.at.driver + d] + 1);
            int rare = (s.is(d, Layout.D_GROUPED) ? 1 : 0) | (s.injected(d) != 0 ? 2 : 0)
                | (s.override(d) != 0 ? 4 : 0);
            k.put(rare);
            if ((rare & 1) != 0) {
                k.put(c[s.at.attachedTo + d]);
                boolean byTable = c[s.at.partitionGroup + t.partition[d]] == c[s.at.group + d] + 1;
                k.put(byTable ? 0 : 1 + firstOfGroup(s, d));
                for (int i = 0; i < t.streams.streamCount(d); i++) {
                    k.put(c[t.streams.cell(s.at, d, i)]);
                }
            }
            if (rare > 1) {
                k.put(s.injected(d));
                k.put(s.override(d));
            }
        }
        for (int p = 0; p < t.iommuCount; p++) {
            k.put(c[s.at.iommuFlags + p]);
            k.put(c[s.at.iommuDriver + p]);
        }
        for (int i = s.at.linkBits; i < s.at.groupUsed; i++) {
            k.put(c[i]);
        }
        k.list(s, s.at.pending);
        for (int r = 0; r < t.driverCount; r++) {
            k.driverList(s, r);
        }
        if (c[Layout.DISTURBED] != 0) {
            k.order(c, s.at.added, t.deviceCount);
        }
        k.put(s.async.length);
        for (int a : s.async) {
            k.put(a + 1);
        }
        return Arrays.copyOf(k.out, k.length);
    }

    private static int firstOfGroup(State s, int device) {
        int group = s.c[s.at.group + device];
        for (int d = 0; d < device; d++) {
            if (s.is(d, Layout.D_GROUPED) && s.c[s.at.group + d] == group) {
                return d;
            }
        }
        return device;
    }

    private void put(int value) {
        int rest = value;
        if (length + 5 > out.length) {
            out = Arrays.copyOf(out, out.length * 2);
        }
        while ((rest & ~0x7f) != 0) {
            out[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[length++] = (byte) rest;
    }

    private void bits(int[] c, int from, int count) {
        for (int i = 0; i < count; i += 7) {
            int word = 0;
            for (int j = i; j < Math.min(count, i + 7); j++) {
                word |= (c[from + j] != 0 ? 1 : 0) << j - i;
            }
            put(word);
        }
    }

    /** Ranks of the positive numbers in a range; 0 stays 0. */
    private void order(int[] c, int from, int count) {
        for (int i = 0; i < count; i++) {
            int rank = 0;
            for (int j = 0; j < count && c[from + i] > 0; j++) {
                rank += c[from + j] > 0 && c[from + j] <= c[from + i] ? 1 : 0;
            }
            put(rank);
        }
    }

    /** Registration order of the drivers that compete for a device; that of the others decides nothing. */
    private void contendedOrder(int[] c, int from, int[] contended) {
        for (int i : contended) {
            int rank = 0;
            for (int j = 0; j < contended.length && c[from + i] > 0; j++) {
                rank += c[from + contended[j]] > 0 && c[from + contended[j]] <= c[from + i] ? 1 : 0;
            }
            put(rank);
        }
    }

    private void flags(int[] c, int from, int count) {
        for (int i = 0; i < count; i += 7) {
            int word = get();
            for (int j = i; j < Math.min(count, i + 7); j++) {
                c[from + j] = word >>> j - i & 1;
            }
        }
    }

    private void registrations(Work w, Tables t) {
        int count = 0;
        int[] rank = new int[t.driverCount];
        for (int r : t.contended) {
            rank[r] = get();
            count = Math.max(count, rank[r]);
        }
        for (int r = 0; r < t.driverCount; r++) {
            if (w.c[w.at.registered + r] != 0) {
                w.c[w.at.registered + r] = rank[r] > 0 ? rank[r] : ++count;
            }
        }
        w.c[Layout.REGISTRATIONS] = count;
    }

    private void list(State s, int list) {
        for (int d = s.c[s.at.next + list]; d != list; d = s.c[s.at.next + d]) {
            put(d + 1);
        }
        put(0);
    }

    private void driverList(State s, int driver) {
        list(s, s.at.bound + driver);
    }

    // ---- decode

    static State decode(Tables t, State initial, byte[] key) {
        StateKey k = new StateKey();
        k.in = key;
        Work w = new Work(t);
        w.take(initial);
        int[] c = w.c;
        c[Layout.FLAGS] = k.get();
        c[Layout.TIMEOUT] = k.get() - 1;
        boolean armed = k.get() != 0;
        c[Layout.BUS_OPS] = k.get();
        c[Layout.LEGACY_MODE] = k.get();
        c[Layout.DISTURBED] = k.get();
        if (armed) {
            w.wide(Layout.DUE_LOW, c[Layout.TIMEOUT] * Calendar.MICROS);
            w.wide(Layout.REARMED_LOW, 0);
        }
        k.flags(c, w.at.registered, t.driverCount);
        k.registrations(w, t);
        k.flags(c, w.at.loaded, t.moduleCount);
        k.devices(w, t);
        for (int p = 0; p < t.iommuCount; p++) {
            c[w.at.iommuFlags + p] = k.get();
            c[w.at.iommuDriver + p] = k.get();
        }
        for (int i = w.at.linkBits; i < w.at.groupUsed; i++) {
            c[i] = k.get();
        }
        for (int d = k.get(); d > 0; d = k.get()) {
            w.append(w.at.pending, d - 1);
        }
        for (int r = 0; r < t.driverCount; r++) {
            for (int d = k.get(); d > 0; d = k.get()) {
                w.addToDriver(d - 1, r);
            }
        }
        if (c[Layout.DISTURBED] != 0) {
            c[Layout.ADDITIONS] = k.ranks(c, w.at.added, t.deviceCount);
        }
        w.asyncCount = k.get();
        w.async = new int[Math.max(8, w.asyncCount)];
        for (int i = 0; i < w.asyncCount; i++) {
            w.async[i] = k.get() - 1;
        }
        return w.toState();
    }

    private void devices(Work w, Tables t) {
        int[] c = w.c;
        Arrays.fill(c, w.at.busLast, w.at.busLast + t.board.buses.size(), 0);
        for (int d = 0; d < t.deviceCount; d++) {
            int flags = get();
            c[w.at.flags + d] = flags;
            c[w.at.driver + d] = get() - 1;
            boolean present = (flags & Layout.D_PRESENT) != 0;
            boolean created = t.board.devices[d].creator() >= 0;
            if (present) {
                c[w.at.busLast + t.board.busOfDevice[d]] = d;
            }
            if (present && created && c[w.at.added + d] == 0) {
                c[w.at.added + d] = ++c[Layout.ADDITIONS];
                w.lateName(d, t.latePlace[d] >= 0 ? Devices.lowestName(w, d) + 1 : 0);
            } else if (!present) {
                c[w.at.added + d] = 0;
            }
            int rare = get();
            if ((rare & 1) != 0) {
                int iommu = get() - 1;
                int first = get() - 1;
                c[w.at.flags + d] = flags & ~(Layout.D_GROUPED | Layout.D_IDENTITY);
                boolean identity = (flags & Layout.D_IDENTITY) != 0;
                Groups.join(w, d, iommu, new AttachAnswer.Attached(identity, first < 0 ? AttachAnswer.BY_TABLE
                    : first == d ? AttachAnswer.ALONE : first));
                for (int i = 0; i < t.streams.streamCount(d); i++) {
                    c[t.streams.cell(w.at, d, i)] = get();
                }
            }
            if (rare > 1) {
                w.inject(d, get());
                w.override(d, get() - 1);
            }
        }
    }

    private int get() {
        int value = 0;
        for (int shift = 0;; shift += 7) {
            byte b = in[at++];
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    private int ranks(int[] c, int from, int count) {
        int most = 0;
        for (int i = 0; i < count; i++) {
            c[from + i] = get();
            most = Math.max(most, c[from + i]);
        }
        return most;
    }
}
