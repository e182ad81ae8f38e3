package org.latebind.probe;

import java.util.Arrays;

/** The part of a packing that is about orders: of registrations, of the deferred list, of binds, of additions; and the queue. */
final class OrderPacking {

    private final Tables t;
    private final int[] moving;
    private final int[] loadableDrivers;
    private final int listBits;
    private final boolean ordered;
    private final boolean bindOrder;
    private final boolean additions;
    private final boolean async;

    OrderPacking(Tables t, int[] moving, int[] loadableDrivers, boolean ordered, boolean bindOrder, boolean additions) {
        this.t = t;
        this.moving = moving;
        this.loadableDrivers = loadableDrivers;
        this.ordered = ordered;
        this.bindOrder = bindOrder;
        this.additions = additions;
        listBits = ordered ? bits(moving.length + 1) : 1;
        async = t.parameters.asyncChoice();
    }

    /** Bits that hold the numbers below {@code count}. */
    static int bits(int count) {
        return 32 - Integer.numberOfLeadingZeros(count - 1);
    }

    void write(int[] c, int[] queue, int queued, Bits b) {
        if (ordered) {
            writeList(c, b);
        }
        if (bindOrder) {
            writeBindOrder(c, b);
        }
        if (additions) {
            writeAdditions(c, b);
        }
        if (async) {
            writeAsync(queue, queued, b);
        }
    }

    void writeRanks(int[] c, Bits b) {
        int width = bits(loadableDrivers.length + 1);
        for (int r : loadableDrivers) {
            int when = c[t.layout.registered + r];
            int rank = when == 0 ? 0 : 1;
            for (int other : loadableDrivers) {
                int then = c[t.layout.registered + other];
                rank += when != 0 && then != 0 && then < when ? 1 : 0;
            }
            b.put(rank, width);
        }
    }

    private void writeList(int[] c, Bits b) {
        int list = t.layout.pending;
        int count = 0;
        for (int d = c[t.layout.next + list]; d != list; d = c[t.layout.next + d]) {
            b.put(place(d) + 1, listBits);
            count++;
        }
        for (; count < moving.length; count++) {
            b.put(0, listBits);
        }
    }

    private int place(int d) {
        return Arrays.binarySearch(moving, d);
    }

    private void writeBindOrder(int[] c, Bits b) {
        int width = bits(moving.length + 1);
        for (int r = 0; r < t.driverCount; r++) {
            int head = t.layout.bound + r;
            int rank = 0;
            int[] order = t.devicesOfDriver[r];
            if (order.length < 2) {
                continue;
            }
            for (int d = c[t.layout.next + head]; d != head; d = c[t.layout.next + d]) {
                if (place(d) >= 0) {
                    b.put(place(d) + 1, width);
                    rank++;
                }
            }
            for (; rank < order.length; rank++) {
                b.put(0, width);
            }
        }
    }

    private void writeAdditions(int[] c, Bits b) {
        Layout at = t.layout;
        int width = bits(moving.length + 1);
        for (int d : moving) {
            if (t.board.devices[d].creator() >= 0) {
                int rank = 0;
                if ((c[at.flags + d] & Layout.D_PRESENT) != 0) {
                    rank = 1;
                    for (int other : moving) {
                        rank += t.board.devices[other].creator() >= 0 && (c[at.flags + other] & Layout.D_PRESENT) != 0
                            && c[at.added + other] < c[at.added + d] ? 1 : 0;
                    }
                }
                b.put(rank, width);
            }
        }
    }

    private void writeAsync(int[] queue, int queued, Bits b) {
        for (int d : moving) {
            int value = 0;
            for (int i = 0; i < queued; i += 2) {
                if (queue[i] == d) {
                    value = queue[i + 1] < 0 ? 1 : 2 + Arrays.binarySearch(t.driversOfDevice[d], queue[i + 1]);
                }
            }
            b.put(value, bits(t.driversOfDevice[d].length + 2));
        }
    }

    // ---- and back

    void read(Work w, Bits b) {
        Layout at = t.layout;
        if (ordered) {
            for (int i = 0; i < moving.length; i++) {
                int place = b.get(listBits);
                if (place > 0) {
                    w.append(at.pending, moving[place - 1]);
                }
            }
        }
        int width = bits(moving.length + 1);
        if (bindOrder) {
            for (int r = 0; r < t.driverCount; r++) {
                int count = t.devicesOfDriver[r].length;
                for (int i = 0; count > 1 && i < count; i++) {
                    int place = b.get(width);
                    if (place > 0) {
                        w.addToDriver(moving[place - 1], r);
                    }
                }
            }
        }
        if (additions) {
            for (int d : moving) {
                if (t.board.devices[d].creator() >= 0) {
                    w.c[at.added + d] = t.deviceCount + b.get(width);
                }
            }
        }
        w.asyncCount = 0;
        if (async) {
            for (int d : moving) {
                int value = b.get(bits(t.driversOfDevice[d].length + 2));
                if (value > 0) {
                    w.async = Arrays.copyOf(w.async, Math.max(w.async.length, w.asyncCount + 2));
                    w.async[w.asyncCount++] = d;
                    w.async[w.asyncCount++] = value == 1 ? -1 : t.driversOfDevice[d][value - 2];
                }
            }
        }
    }
}
