package org.latebind.smmu.v2;

import java.util.List;
import org.latebind.hardware.Mmio;

/** How register accesses of one implementation travel; offsets are from the start of the register window. */
interface RegisterBus {

    int read32(long offset);

    void write32(long offset, int value);

    long read64(long offset);

    void write64(long offset, long value);

    /** Reads a status register: busy when any instance is busy. */
    default int readStatus(long offset) {
        return read32(offset);
    }

    /** The register instances, each as a bus of its own, for code that looks at every one (fault handlers). */
    default List<RegisterBus> instances() {
        return List.of(this);
    }

    /** The plain way. */
    record Plain(Mmio mmio) implements RegisterBus {

        @Override
        public int read32(long offset) {
            return mmio.read32(offset);
        }

        @Override
        public void write32(long offset, int value) {
            mmio.write32(offset, value);
        }

        @Override
        public long read64(long offset) {
            return mmio.read64(offset);
        }

        @Override
        public void write64(long offset, long value) {
            mmio.write64(offset, value);
        }
    }

    /** Marvell AP806: a bus that cannot do 64 bits; two accesses, high word first. */
    record Split(Mmio mmio) implements RegisterBus {

        @Override
        public int read32(long offset) {
            return mmio.read32(offset);
        }

        @Override
        public void write32(long offset, int value) {
            mmio.write32(offset, value);
        }

        @Override
        public long read64(long offset) {
            long high = mmio.read32(offset + 4);
            return high << 32 | Integer.toUnsignedLong(mmio.read32(offset));
        }

        @Override
        public void write64(long offset, long value) {
            mmio.write32(offset + 4, (int) (value >>> 32));
            mmio.write32(offset, (int) value);
        }
    }

    /** Calxeda: only the secure view is reachable; the non-secure copies of some global registers are its aliases. */
    record SecureAlias(Mmio mmio) implements RegisterBus {

        private static final int ALIAS = 0x400;

        private static long resolve(long offset) {
            boolean banked = offset == Registers.SCR0 || offset == Registers.SACR || offset == Registers.SGFSR
                    || offset == Registers.SGFSYNR0 || offset == Registers.SGFSYNR1 || offset == Registers.SGFSYNR2;
            return banked ? offset + ALIAS : offset;
        }

        @Override
        public int read32(long offset) {
            return mmio.read32(resolve(offset));
        }

        @Override
        public void write32(long offset, int value) {
            mmio.write32(resolve(offset), value);
        }

        @Override
        public long read64(long offset) {
            return mmio.read64(offset);
        }

        @Override
        public void write64(long offset, long value) {
            mmio.write64(offset, value);
        }
    }

    /** NVIDIA: instances that are programmed alike; written all, read from the first, busy when any is. */
    record Mirrored(List<RegisterBus> instances) implements RegisterBus {

        /** Copies the list. */
        public Mirrored {
            instances = List.copyOf(instances);
        }

        @Override
        public int read32(long offset) {
            return instances.get(0).read32(offset);
        }

        @Override
        public void write32(long offset, int value) {
            for (int i = 0; i < instances.size(); i++) {
                instances.get(i).write32(offset, value);
            }
        }

        @Override
        public long read64(long offset) {
            return instances.get(0).read64(offset);
        }

        @Override
        public void write64(long offset, long value) {
            for (int i = 0; i < instances.size(); i++) {
                instances.get(i).write64(offset, value);
            }
        }

        @Override
        public int readStatus(long offset) {
            int status = 0;
            for (int i = 0; i < instances.size(); i++) {
                status |= instances.get(i).read32(offset);
            }
            return status;
        }
    }
}
