package org.latebind.machine.qemu;

import java.util.Arrays;
import java.util.Base64;
import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.PhysicalMemory;

/**
 * QEMU's RAM through the test socket. The CPU sleeps and DMA runs only when told to, so a read followed by a write under
 * one lock is atomic.
 */
final class QemuMemory implements PhysicalMemory {

    private static final int PIECE_BYTES = 1 << 16;

    private final QtestChannel qtest;
    private final long start;
    private final long sizeBytes;

    QemuMemory(QtestChannel qtest, long start, long sizeBytes) {
        this.qtest = qtest;
        this.start = start;
        this.sizeBytes = sizeBytes;
    }

    @Override
    public boolean isMemory(long address, long length) {
        long offset = address - start;
        return Long.compareUnsigned(offset, sizeBytes) < 0 && Long.compareUnsigned(length, sizeBytes - offset) <= 0;
    }

    private long checked(long address, long size, String what) {
        if (!isMemory(address, size)) {
            throw new ExternalAbortException(address, what + " of " + size + " bytes");
        }
        return address;
    }

    private long aligned(long address, int size, String what) {
        if ((address & size - 1) != 0) {
            throw new IllegalArgumentException(what + " of " + size + " bytes at 0x" + Long.toHexString(address));
        }
        return checked(address, size, what);
    }

    private long load(String command, long address, int size) {
        return qtest.number(command + " 0x" + Long.toHexString(aligned(address, size, "read")));
    }

    private void store(String command, long address, int size, long value) {
        qtest.execute(command + " 0x" + Long.toHexString(aligned(address, size, "write")) + " 0x" + Long.toHexString(value));
    }

    @Override
    public int read8(long address) {
        return (int) load("readb", address, 1);
    }

    @Override
    public int read16(long address) {
        return (int) load("readw", address, 2);
    }

    @Override
    public int read32(long address) {
        return (int) load("readl", address, 4);
    }

    @Override
    public long read64(long address) {
        return load("readq", address, 8);
    }

    @Override
    public void write8(long address, int value) {
        store("writeb", address, 1, value & 0xff);
    }

    @Override
    public void write16(long address, int value) {
        store("writew", address, 2, value & 0xffff);
    }

    @Override
    public void write32(long address, int value) {
        store("writel", address, 4, Integer.toUnsignedLong(value));
    }

    @Override
    public void write64(long address, long value) {
        store("writeq", address, 8, value);
    }

    @Override
    public synchronized int compareAndExchange16(long address, int expected, int value) {
        int found = read16(address);
        if (found == (expected & 0xffff)) {
            write16(address, value);
        }
        return found;
    }

    @Override
    public synchronized int compareAndExchange32(long address, int expected, int value) {
        int found = read32(address);
        if (found == expected) {
            write32(address, value);
        }
        return found;
    }

    @Override
    public synchronized long compareAndExchange64(long address, long expected, long value) {
        long found = read64(address);
        if (found == expected) {
            write64(address, value);
        }
        return found;
    }

    @Override
    public void read(long address, byte[] into, int offset, int length) {
        checked(address, length, "read");
        for (int done = 0; done < length;) {
            int piece = Math.min(PIECE_BYTES, length - done);
            byte[] bytes = Base64.getDecoder().decode(
                    qtest.execute("b64read 0x" + Long.toHexString(address + done) + " " + piece));
            System.arraycopy(bytes, 0, into, offset + done, piece);
            done += piece;
        }
    }

    @Override
    public void write(long address, byte[] from, int offset, int length) {
        checked(address, length, "write");
        for (int done = 0; done < length;) {
            int piece = Math.min(PIECE_BYTES, length - done);
            byte[] bytes = Arrays.copyOfRange(from, offset + done, offset + done + piece);
            qtest.execute("b64write 0x" + Long.toHexString(address + done) + " " + piece + " "
                    + Base64.getEncoder().encodeToString(bytes));
            done += piece;
        }
    }

    @Override
    public void fill(long address, long length, int value) {
        checked(address, length, "fill");
        if (length > 0) {
            qtest.execute("memset 0x" + Long.toHexString(address) + " 0x" + Long.toHexString(length) + " 0x"
                    + Integer.toHexString(value & 0xff));
        }
    }
}
