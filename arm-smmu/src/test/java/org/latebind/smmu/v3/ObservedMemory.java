package org.latebind.smmu.v3;

import java.util.function.LongConsumer;
import org.latebind.hardware.PhysicalMemory;

/** Memory that tells after every store where it went. */
final class ObservedMemory implements PhysicalMemory {

    private final PhysicalMemory memory;
    private LongConsumer afterStore = address -> { };

    ObservedMemory(PhysicalMemory memory) {
        this.memory = memory;
    }

    void observe(LongConsumer observer) {
        afterStore = observer;
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
        afterStore.accept(address);
    }

    @Override
    public void write16(long address, int value) {
        memory.write16(address, value);
        afterStore.accept(address);
    }

    @Override
    public void write32(long address, int value) {
        memory.write32(address, value);
        afterStore.accept(address);
    }

    @Override
    public void write64(long address, long value) {
        memory.write64(address, value);
        afterStore.accept(address);
    }

    @Override
    public int compareAndExchange16(long address, int expected, int value) {
        return memory.compareAndExchange16(address, expected, value);
    }

    @Override
    public int compareAndExchange32(long address, int expected, int value) {
        return memory.compareAndExchange32(address, expected, value);
    }

    @Override
    public long compareAndExchange64(long address, long expected, long value) {
        long found = memory.compareAndExchange64(address, expected, value);
        afterStore.accept(address);
        return found;
    }

    @Override
    public void read(long address, byte[] into, int offset, int length) {
        memory.read(address, into, offset, length);
    }

    @Override
    public void write(long address, byte[] from, int offset, int length) {
        memory.write(address, from, offset, length);
        afterStore.accept(address);
    }

    @Override
    public void fill(long address, long length, int value) {
        memory.fill(address, length, value);
        afterStore.accept(address);
    }

    @Override
    public boolean isMemory(long address, long length) {
        return memory.isMemory(address, length);
    }
}
