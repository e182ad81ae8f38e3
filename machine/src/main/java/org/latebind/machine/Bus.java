package org.latebind.machine;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Mmio;

/** The register bus: who answers at which physical address. Accesses to nothing are external aborts and findings. */
final class Bus {

    private final TreeMap<Long, Slot> slots = new TreeMap<>(Long::compareUnsigned);
    private final Set<String> unpowered = new HashSet<>();
    private final List<AccessListener> listeners = new ArrayList<>();
    private final MachineLock lock;
    private final FindingLog findings;

    Bus(MachineLock lock, FindingLog findings) {
        this.lock = lock;
        this.findings = findings;
    }

    /** A model's window at its place. */
    private record Slot(long base, String path, int index, RegisterWindow window) {

        boolean covers(long address, int sizeBytes) {
            return Long.compareUnsigned(address - base + sizeBytes - 1, window.sizeBytes()) < 0;
        }
    }

    /** Puts a window on the bus. Windows that overlap an earlier one are refused by returning false. */
    boolean attach(long base, String path, int index, RegisterWindow window) {
        Map.Entry<Long, Slot> below = slots.floorEntry(base);
        if (below != null && below.getValue().covers(base, 1)) {
            return false;
        }
        Long above = slots.higherKey(base);
        if (above != null && Long.compareUnsigned(above - base, window.sizeBytes()) < 0) {
            return false;
        }
        slots.put(base, new Slot(base, path, index, window));
        return true;
    }

    /** Takes every window of a device off the bus. */
    void detach(String path) {
        slots.values().removeIf(slot -> slot.path().equals(path));
    }

    void power(String path, boolean on) {
        lock.run(() -> {
            if (on) {
                unpowered.remove(path);
            } else {
                unpowered.add(path);
            }
        });
    }

    void listen(AccessListener listener) {
        lock.run(() -> listeners.add(listener));
    }

    void unlisten(AccessListener listener) {
        lock.run(() -> listeners.remove(listener));
    }

    Mmio map(long address, long sizeBytes) {
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("a register window has a positive size, not " + sizeBytes);
        }
        return new Window(address, sizeBytes);
    }

    private long access(long address, int sizeBytes, boolean write, long value) {
        return lock.call(() -> {
            Map.Entry<Long, Slot> entry = slots.floorEntry(address);
            Slot slot = entry == null ? null : entry.getValue();
            if (slot == null || !slot.covers(address, sizeBytes)) {
                throw abort("bus-external-abort", "bus", address, sizeBytes, write, "nothing answers");
            }
            if (unpowered.contains(slot.path())) {
                throw abort("bus-power-domain-off", slot.path(), address, sizeBytes, write, "the power domain is off");
            }
            long offset = address - slot.base();
            long result = value;
            if (write) {
                slot.window().write(offset, sizeBytes, value);
            } else {
                result = slot.window().read(offset, sizeBytes);
            }
            for (AccessListener listener : listeners) {
                listener.access(slot.path(), slot.index(), offset, write, result);
            }
            return result;
        });
    }

    private ExternalAbortException abort(String rule, String device, long address, int sizeBytes, boolean write, String why) {
        String access = (write ? "write of " : "read of ") + sizeBytes + " bytes";
        findings.report(new Finding(rule, device, access + " at 0x" + Long.toHexString(address) + ": " + why));
        return new ExternalAbortException(address, access);
    }

    /** A mapping as a driver holds it. */
    private final class Window implements Mmio {
        private static final long WORD_MASK = 0xFFFF_FFFFL;
        private final long base;
        private final long size;

        Window(long base, long size) {
            this.base = base;
            this.size = size;
        }

        @Override
        public int read32(long offset) {
            return (int) access(checked(offset, Integer.BYTES), Integer.BYTES, false, 0);
        }

        @Override
        public long read64(long offset) {
            return access(checked(offset, Long.BYTES), Long.BYTES, false, 0);
        }

        @Override
        public void write32(long offset, int value) {
            access(checked(offset, Integer.BYTES), Integer.BYTES, true, value & WORD_MASK);
        }

        @Override
        public void write64(long offset, long value) {
            access(checked(offset, Long.BYTES), Long.BYTES, true, value);
        }

        @Override
        public long sizeBytes() {
            return size;
        }

        private long checked(long offset, int sizeBytes) {
            if (offset < 0 || offset > size - sizeBytes || offset % sizeBytes != 0) {
                throw new IllegalArgumentException("offset 0x" + Long.toHexString(offset) + " with " + sizeBytes
                        + " bytes in a window of 0x" + Long.toHexString(size));
            }
            return base + offset;
        }
    }
}
