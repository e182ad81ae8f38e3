package org.latebind.xengrant;

import java.util.function.IntConsumer;
import org.latebind.hardware.PhysicalMemory;

/**
 * Memory in which every access to the grant table, version 1, is a point where another thread may go on. Flags that are
 * written, not exchanged, are shown to an observer before anybody else can see them.
 */
final class SteppedMemory implements PhysicalMemory {

    private final PhysicalMemory memory;
    private final SeededSchedule schedule;
    private final long from;
    private final long to;
    private IntConsumer published = ref -> { };

    SteppedMemory(PhysicalMemory memory, SeededSchedule schedule, long from, long to) {
        this.memory = memory;
        this.schedule = schedule;
        this.from = from;
        this.to = to;
    }

    /** Sets who is shown the reference of an entry whose flags are about to be written. */
    void onPublish(IntConsumer observer) {
        published = observer;
    }

    private void at(long address) {
        if (address >= from && address < to) {
            schedule.point();
        }
    }

    @Override
    public int read8(long address) {
        return memory.read8(address);
    }

    @Override
    public int read16(long address) {
        at(address);
        return memory.read16(address);
    }

    @Override
    public int read32(long address) {
        at(address);
        return memory.read32(address);
    }

    @Override
    public long read64(long address) {
        at(address);
        return memory.read64(address);
    }

    @Override
    public void write8(long address, int value) {
        memory.write8(address, value);
    }

    @Override
    public void write16(long address, int value) {
        at(address);
        if (address >= from && address < to && (address & 7) == 0) {
            published.accept((int) (address - from >>> 3));
        }
        memory.write16(address, value);
    }

    @Override
    public void write32(long address, int value) {
        at(address);
        memory.write32(address, value);
    }

    @Override
    public void write64(long address, long value) {
        at(address);
        memory.write64(address, value);
    }

    @Override
    public int compareAndExchange16(long address, int expected, int value) {
        at(address);
        return memory.compareAndExchange16(address, expected, value);
    }

    @Override
    public int compareAndExchange32(long address, int expected, int value) {
        at(address);
        return memory.compareAndExchange32(address, expected, value);
    }

    @Override
    public long compareAndExchange64(long address, long expected, long value) {
        at(address);
        return memory.compareAndExchange64(address, expected, value);
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
