package org.latebind.machine.qemu;

import org.latebind.hardware.Mmio;

/** A register window through the test socket. Interrupts an access raised are served after it. */
final class QemuMmio implements Mmio {

    private final QtestChannel qtest;
    private final QemuInterrupts interrupts;
    private final long base;
    private final long sizeBytes;

    QemuMmio(QtestChannel qtest, QemuInterrupts interrupts, long base, long sizeBytes) {
        this.qtest = qtest;
        this.interrupts = interrupts;
        this.base = base;
        this.sizeBytes = sizeBytes;
    }

    private String at(long offset, int size) {
        if (offset < 0 || offset + size > sizeBytes || (offset & size - 1) != 0) {
            throw new IllegalArgumentException("access of " + size + " bytes at offset 0x" + Long.toHexString(offset)
                    + " of a window of 0x" + Long.toHexString(sizeBytes) + " bytes");
        }
        return " 0x" + Long.toHexString(base + offset);
    }

    private long load(String command) {
        long value = qtest.number(command);
        interrupts.dispatch();
        return value;
    }

    private void store(String command) {
        qtest.execute(command);
        interrupts.dispatch();
    }

    @Override
    public int read32(long offset) {
        return (int) load("readl" + at(offset, 4));
    }

    @Override
    public long read64(long offset) {
        return load("readq" + at(offset, 8));
    }

    @Override
    public void write32(long offset, int value) {
        store("writel" + at(offset, 4) + " 0x" + Integer.toHexString(value));
    }

    @Override
    public void write64(long offset, long value) {
        store("writeq" + at(offset, 8) + " 0x" + Long.toHexString(value));
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }
}
