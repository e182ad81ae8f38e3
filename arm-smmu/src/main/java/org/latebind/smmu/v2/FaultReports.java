package org.latebind.smmu.v2;

import org.latebind.driver.Device;
import org.latebind.iommu.FaultHandler;

/** Reads, reports and clears faults. Lines are limited to a burst in a span of hardware time. */
final class FaultReports {

    private static final int BURST = 10;
    private static final long SPAN_NANOS = 5_000_000_000L;

    private final SmmuState state;
    private final FaultHandler[] handlers;
    private long spanStart;
    private int lines;

    FaultReports(SmmuState state) {
        this.state = state;
        handlers = new FaultHandler[state.features().banks()];
    }

    void handler(int bank, FaultHandler handler) {
        handlers[bank] = handler;
    }

    /** Global interrupt. Returns whether any instance had something to say. */
    boolean global() {
        boolean mine = false;
        for (SmmuHardware hw : state.hardware().instances()) {
            mine |= global(hw);
        }
        return mine;
    }

    private boolean global(SmmuHardware hw) {
        int gfsr = hw.gr0(Registers.SGFSR);
        if (gfsr == 0) {
            return false;
        }
        int syndrome0 = hw.gr0(Registers.SGFSYNR0);
        int syndrome1 = hw.gr0(Registers.SGFSYNR1);
        int syndrome2 = hw.gr0(Registers.SGFSYNR2);
        if (speak()) {
            if (state.parameters().disableBypass() && (gfsr & Registers.SGFSR_USF) != 0) {
                hw.log(Device.LogLevel.ERROR, String.format("Blocked unknown Stream ID 0x%x; boot with "
                        + "arm-smmu.disable_bypass=0 to let it pass, at the cost of protection", syndrome1 & 0xffff));
            } else {
                hw.log(Device.LogLevel.ERROR, "Unexpected global fault, this could be serious");
            }
            hw.log(Device.LogLevel.ERROR, String.format("GFSR 0x%08x, GFSYNR0 0x%08x, GFSYNR1 0x%08x, GFSYNR2 0x%08x", gfsr,
                    syndrome0, syndrome1, syndrome2));
        }
        hw.gr0(Registers.SGFSR, gfsr);
        return true;
    }

    /** Context interrupt of one bank. Returns whether it was that bank's. */
    boolean context(int bank) {
        boolean mine = false;
        for (SmmuHardware hw : state.hardware().instances()) {
            mine |= context(hw, bank);
        }
        return mine;
    }

    /** Every bank, for implementations whose contexts share a line. */
    boolean allContexts() {
        boolean mine = false;
        for (int bank = 0; bank < state.features().banks(); bank++) {
            mine |= context(bank);
        }
        return mine;
    }

    private boolean context(SmmuHardware hw, int bank) {
        int fsr = hw.cb(bank, Registers.CB_FSR);
        if ((fsr & Registers.FSR_FAULTS) == 0) {
            return false;
        }
        int syndrome = hw.cb(bank, Registers.CB_FSYNR0);
        long iova = hw.cb64(bank, Registers.CB_FAR);
        int stream = hw.gr1(Registers.cbfrsynra(bank));
        FaultHandler handler = handlers[bank] == null ? FaultHandler.NONE : handlers[bank];
        FaultHandler.Answer answer = handler.fault(new FaultHandler.Fault(stream & 0xffff, iova,
                (syndrome & Registers.FSYNR0_WNR) != 0, (fsr & Registers.FSR_SS) != 0));
        if (answer == FaultHandler.Answer.UNHANDLED && speak()) {
            hw.log(Device.LogLevel.ERROR, String.format(
                    "Unhandled context fault: fsr=0x%x, iova=0x%08x, fsynr=0x%x, cbfrsynra=0x%x, cb=%d", fsr, iova, syndrome,
                    stream, bank));
        }
        hw.cb(bank, Registers.CB_FSR, fsr);
        if ((fsr & Registers.FSR_SS) != 0) {
            hw.cb(bank, Registers.CB_RESUME, answer == FaultHandler.Answer.RETRY ? Registers.RESUME_RETRY
                    : Registers.RESUME_TERMINATE);
        }
        return true;
    }

    private boolean speak() {
        long now = state.hardware().nanos();
        if (lines == 0 || now - spanStart > SPAN_NANOS) {
            spanStart = now;
            lines = 0;
        }
        return ++lines <= BURST;
    }
}
