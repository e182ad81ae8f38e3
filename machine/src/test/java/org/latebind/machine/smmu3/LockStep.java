package org.latebind.machine.smmu3;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Does the same to two specimens and compares every answer. The steps are kept as text, for the report of a difference. */
final class LockStep {

    private static final int EVENTQ_PROD = 0x100a8;
    private static final int EVENTQ_CONS = 0x100ac;
    private static final int EVENT_BYTES = 32;
    private static final int STEPS_SHOWN = Integer.getInteger("latebind.smmuv3.shown", 60);
    /** CLASS of translation events; word 3 of all but walk aborts and fetches (see the recorded masks). */
    private static final long CLASS = 3L << 40;

    private final Specimen model;
    private final Specimen other;
    private final List<String> steps = new ArrayList<>();
    private int consumed;
    private boolean eventsWaiting;

    LockStep(Specimen model, Specimen other) {
        this.model = model;
        this.other = other;
    }

    /** The two answered differently. */
    static final class Difference extends AssertionError {

        private static final long serialVersionUID = 1L;

        Difference(String text, List<String> steps) {
            super(text + "\nlast steps of " + steps.size() + ":\n  "
                    + String.join("\n  ", steps.subList(Math.max(0, steps.size() - STEPS_SHOWN), steps.size())));
        }
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    int steps() {
        return steps.size();
    }

    private void differ(String what, Object ours, Object theirs) {
        throw new Difference(what + ": model " + ours + ", QEMU " + theirs + "\nQEMU: " + other.remarks()
                + "\nthe model: " + model.remarks(), steps);
    }

    void note(String text) {
        steps.add("# " + text);
    }

    void store(long address, long... words) {
        steps.add("mem " + hex(address) + " = " + Arrays.toString(Arrays.stream(words).mapToObj(LockStep::hex).toArray()));
        byte[] bytes = new byte[8 * words.length];
        java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(words);
        model.memory().write(address, bytes, 0, bytes.length);
        other.memory().write(address, bytes, 0, bytes.length);
    }

    long load(long address) {
        return model.memory().read64(address);
    }

    void write(long offset, int size, long value) {
        steps.add("reg " + hex(offset) + "/" + size + " = " + hex(value));
        model.write(offset, size, value);
        other.write(offset, size, value);
        if (offset == EVENTQ_CONS) {
            consumed = (int) value;
        }
    }

    /** Reads a register of both; the masked values must be equal. Returns the model's. */
    long read(long offset, int size, long mask) {
        long ours = model.read(offset, size);
        long theirs = other.read(offset, size);
        steps.add("reg " + hex(offset) + "/" + size + " -> " + hex(ours));
        if (((ours ^ theirs) & mask) != 0) {
            differ("register " + hex(offset) + " under mask " + hex(mask), hex(ours & mask), hex(theirs & mask));
        }
        return ours;
    }

    /** One transfer; what came and what memory holds must be equal. */
    boolean transfer(int sid, long iova, byte[] data, boolean write) {
        steps.add((write ? "write" : "read") + " by " + sid + " at " + hex(iova) + ", " + data.length + " bytes");
        byte[] theirs = data.clone();
        boolean ok = model.transfer(sid, iova, data, write);
        boolean okThere = other.transfer(sid, iova, theirs, write);
        steps.set(steps.size() - 1, steps.get(steps.size() - 1) + " -> " + (ok ? "ok" : "abort"));
        if (ok != okThere) {
            differ("transfer", ok ? "ok" : "abort", okThere ? "ok" : "abort");
        }
        if (ok && !Arrays.equals(data, theirs)) {
            differ("data", HexFormat.of().formatHex(data), HexFormat.of().formatHex(theirs));
        }
        return ok;
    }

    /** Memory of both must be equal. */
    void sameMemory(long address, int length) {
        byte[] ours = new byte[length];
        byte[] theirs = new byte[length];
        model.memory().read(address, ours, 0, length);
        other.memory().read(address, theirs, 0, length);
        int at = Arrays.mismatch(ours, theirs);
        if (at >= 0) {
            differ("memory at " + hex(address + at), ours[at], theirs[at]);
        }
    }

    /**
     * The pulsed lines. QEMU pulses for every event record, the architecture when the queue becomes non-empty: the event
     * line is compared only when the queue was empty before.
     */
    void samePulses() {
        Set<String> ours = new TreeSet<>(model.takePulses());
        Set<String> theirs = new TreeSet<>(other.takePulses());
        if (eventsWaiting) {
            ours.remove("eventq");
            theirs.remove("eventq");
        }
        if (!ours.equals(theirs)) {
            differ("pulsed lines", ours, theirs);
        }
    }

    /** Compares the records since the last consumption, and consumes them if wanted. Returns how many are waiting. */
    int sameEvents(long base, int bits, boolean consume) {
        int mask = (1 << bits + 1) - 1;
        int produced = (int) model.read(EVENTQ_PROD, 4) & mask;
        int producedThere = (int) other.read(EVENTQ_PROD, 4) & mask;
        if (produced != producedThere) {
            differ("event records", records(model, base, bits, produced), records(other, base, bits, producedThere));
        }
        int count = produced - consumed & mask;
        for (int i = 0; i < count; i++) {
            long at = base + (long) (consumed + i & (1 << bits) - 1) * EVENT_BYTES;
            for (int word = 0; word < 4; word++) {
                int type = (int) model.memory().read64(at) & 0xff;
                long ours = model.memory().read64(at + 8L * word);
                long theirs = other.memory().read64(at + 8L * word);
                if (((ours ^ theirs) & eventMask(type, word)) != 0) {
                    differ("event " + i + " word " + word, hex(ours), hex(theirs));
                }
            }
        }
        samePulses();
        eventsWaiting = count > 0;
        if (consume && count > 0) {
            write(EVENTQ_CONS, 4, produced);
            eventsWaiting = false;
            return 0;
        }
        return count;
    }

    private List<String> records(Specimen from, long base, int bits, int produced) {
        List<String> all = new ArrayList<>();
        for (int i = consumed; i != produced; i = i + 1 & (1 << bits + 1) - 1) {
            long at = base + (long) (i & (1 << bits) - 1) * EVENT_BYTES;
            all.add(hex(from.memory().read64(at)) + " at " + hex(from.memory().read64(at + 16)));
        }
        return all;
    }

    private static long eventMask(int type, int word) {
        boolean translation = type >= 0x10 && type <= 0x13;
        return switch (word) {
            case 0 -> -1L;
            case 1 -> translation ? ~CLASS : -1L;
            case 2 -> type == Fault.F_CD_FETCH ? 0 : -1L;
            default -> translation || type == Fault.F_CD_FETCH ? 0 : -1L;
        };
    }
}
