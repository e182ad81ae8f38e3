package org.latebind.machine.xen;

import java.util.Random;
import org.latebind.hardware.PhysicalMemory;

/**
 * A guest that writes nonsense into its own grant table at any moment. It can hurt itself; it must never hurt Xen or others.
 * All chance comes from the given source.
 */
public final class HostileFrontend {

    private final PhysicalMemory memory;
    private final long table;
    private final int entries;
    private final long firstFrame;
    private final int frames;
    private final Random random;

    /**
     * Makes the guest.
     *
     * @param memory     where its table is
     * @param table      address of the table, version 1
     * @param entries    how many entries it plays with
     * @param firstFrame first of the frames it puts into entries
     * @param frames     how many; some beyond and some absurd ones are used too
     * @param random     source of chance
     */
    public HostileFrontend(PhysicalMemory memory, long table, int entries, long firstFrame, int frames, Random random) {
        this.memory = memory;
        this.table = table;
        this.entries = entries;
        this.firstFrame = firstFrame;
        this.frames = frames;
        this.random = random;
    }

    /** Changes one entry: its flags, with the in-use bits as it likes, its domain, its frame, or all of it. */
    public void step() {
        long entry = table + 8L * random.nextInt(entries);
        switch (random.nextInt(6)) {
            case 0 -> memory.write16(entry, random.nextInt(0x10000));
            case 1 -> memory.write16(entry, 1 | random.nextInt(8) << 2);
            case 2 -> memory.write16(entry + 2, random.nextInt(8) == 0 ? random.nextInt(0x10000) : random.nextInt(5));
            case 3 -> memory.write32(entry + 4, frame());
            case 4 -> memory.write64(entry, 0);
            default -> {
                memory.write16(entry + 2, 2 + random.nextInt(2));
                memory.write32(entry + 4, frame());
                memory.write16(entry, random.nextBoolean() ? 1 : 5);
            }
        }
    }

    private int frame() {
        return random.nextInt(10) == 0 ? random.nextInt() : (int) firstFrame + random.nextInt(frames + 2);
    }

    /**
     * Memory in which the guest changes the flags of one entry whenever Xen is about to exchange them, so that no exchange
     * ever succeeds. It begins when told to. Not thread safe.
     */
    public static final class Flipping implements PhysicalMemory {
        private static final int CACHE_ATTRIBUTE = 1 << 5;
        private final PhysicalMemory memory;
        private final long entry;
        private boolean active;
        private int attempts;

        /** Watches the entry at address {@code entry} of {@code memory}. */
        public Flipping(PhysicalMemory memory, long entry) {
            this.memory = memory;
            this.entry = entry;
        }

        /** Begins to flip. */
        public void start() {
            active = true;
        }

        /** How often Xen tried to exchange the entry since the start. */
        public int attempts() {
            return attempts;
        }

        private void flip(long address) {
            if (active && address == entry) {
                attempts++;
                memory.write16(entry, memory.read16(entry) ^ CACHE_ATTRIBUTE);
            }
        }

        @Override
        public int compareAndExchange16(long address, int expected, int value) {
            flip(address);
            return memory.compareAndExchange16(address, expected, value);
        }

        @Override
        public int compareAndExchange32(long address, int expected, int value) {
            flip(address);
            return memory.compareAndExchange32(address, expected, value);
        }

        @Override
        public long compareAndExchange64(long address, long expected, long value) {
            return memory.compareAndExchange64(address, expected, value);
        }

        @Override
        public int read8(long address) {
            return memory.read8(address);
        }

        @Override
        public int read16(long address) {
            return memory.read16(address);
        }

        @Override
        public int read32(long address) {
            return memory.read32(address);
        }

        @Override
        public long read64(long address) {
            return memory.read64(address);
        }

        @Override
        public void write8(long address, int value) {
            memory.write8(address, value);
        }

        @Override
        public void write16(long address, int value) {
            memory.write16(address, value);
        }

        @Override
        public void write32(long address, int value) {
            memory.write32(address, value);
        }

        @Override
        public void write64(long address, long value) {
            memory.write64(address, value);
        }

        @Override
        public void read(long address, byte[] into, int offset, int length) {
            memory.read(address, into, offset, length);
        }

        @Override
        public void write(long address, byte[] from, int offset, int length) {
            memory.write(address, from, offset, length);
        }

        @Override
        public void fill(long address, long length, int value) {
            memory.fill(address, length, value);
        }

        @Override
        public boolean isMemory(long address, long length) {
            return memory.isMemory(address, length);
        }
    }
}
