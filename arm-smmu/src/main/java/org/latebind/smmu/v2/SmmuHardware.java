package org.latebind.smmu.v2;

import java.util.List;
import org.latebind.driver.Device;
import org.latebind.hardware.Machine;

/** The register blocks of one instance, and its TLB synchronisation. */
final class SmmuHardware {

    /** Longest single wait of a synchronisation, one second in all: the waits double. */
    private static final int LOOP_TIMEOUT_MICROS = 1_000_000;
    private static final int SPINS = 10;
    private static final int ANY = -1;

    private final RegisterBus bus;
    private final Machine.Delay delay;
    private final Device device;
    private int pageShift = 12;
    private int pages = 2;

    SmmuHardware(RegisterBus bus, Machine.Delay delay, Device device) {
        this.bus = bus;
        this.delay = delay;
        this.device = device;
    }

    private SmmuHardware(RegisterBus bus, SmmuHardware of) {
        this(bus, of.delay, of.device);
        pageShift = of.pageShift;
        pages = of.pages;
    }

    /** Sets the layout that ID1 told. */
    void layout(HardwareFeatures features) {
        pageShift = features.pageShift();
        pages = features.pages();
    }

    /** The instances behind this one, each alone. */
    List<SmmuHardware> instances() {
        return bus.instances().stream().map(b -> new SmmuHardware(b, this)).toList();
    }

    int gr0(int offset) {
        return bus.read32(offset);
    }

    void gr0(int offset, int value) {
        bus.write32(offset, value);
    }

    int gr1(int offset) {
        return bus.read32((1L << pageShift) + offset);
    }

    void gr1(int offset, int value) {
        bus.write32((1L << pageShift) + offset, value);
    }

    int cb(int bank, int offset) {
        return bus.read32(bankAt(bank) + offset);
    }

    void cb(int bank, int offset, int value) {
        bus.write32(bankAt(bank) + offset, value);
    }

    long cb64(int bank, int offset) {
        return bus.read64(bankAt(bank) + offset);
    }

    void cb64(int bank, int offset, long value) {
        bus.write64(bankAt(bank) + offset, value);
    }

    private long bankAt(int bank) {
        return (long) (pages + bank) << pageShift;
    }

    /** Waits until all TLB maintenance of the instance is done. */
    void syncGlobal() {
        sync(Registers.STLBGSYNC, Registers.STLBGSTATUS);
    }

    /** Waits until the TLB maintenance issued in one context bank is done. */
    void syncContext(int bank) {
        sync(bankAt(bank) + Registers.CB_TLBSYNC, bankAt(bank) + Registers.CB_TLBSTATUS);
    }

    private void sync(long syncOffset, long statusOffset) {
        bus.write32(syncOffset, ANY);
        for (int micros = 1; micros < LOOP_TIMEOUT_MICROS; micros *= 2) {
            for (int spin = 0; spin < SPINS; spin++) {
                if ((bus.readStatus(statusOffset) & Registers.TLBSTATUS_ACTIVE) == 0) {
                    return;
                }
            }
            delay.micros(micros);
        }
        device.log(Device.LogLevel.ERROR, "TLB sync timed out -- SMMU may be deadlocked");
    }

    /** Polls until the bits are clear; false after {@code micros}. */
    boolean awaitClear(int bank, int offset, int bits, int micros) {
        for (int waited = 0; waited <= micros; waited += 5) {
            if ((cb(bank, offset) & bits) == 0) {
                return true;
            }
            delay.micros(5);
        }
        return false;
    }

    void log(Device.LogLevel level, String text) {
        device.log(level, text);
    }

    long nanos() {
        return delay.nanos();
    }
}
