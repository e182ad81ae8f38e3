package org.latebind.smmu.v2;

import java.util.BitSet;
import org.latebind.driver.Device;

/**
 * The shadow of one instance: everything a reset writes again. Plain data, owned by the driver core's thread; only TLB
 * maintenance of contexts comes from other threads and has locks of its own.
 */
final class SmmuState {

    private final SmmuHardware hardware;
    private final HardwareFeatures features;
    private final Implementation implementation;
    private final Parameters parameters;
    private final StreamMapTable streams;
    private final ContextRegisters[] contexts;
    private final BitSet banks = new BitSet();
    private int streamIdMask;
    private int smrMask;

    SmmuState(SmmuHardware hardware, HardwareFeatures features, Implementation implementation, Parameters parameters) {
        this.hardware = hardware;
        this.features = features;
        this.implementation = implementation;
        this.parameters = parameters;
        streams = new StreamMapTable(features.groups(), features.streamMatching(), parameters.disableBypass());
        contexts = new ContextRegisters[features.banks()];
        streamIdMask = features.streamIdMask();
    }

    SmmuHardware hardware() {
        return hardware;
    }

    HardwareFeatures features() {
        return features;
    }

    Implementation implementation() {
        return implementation;
    }

    Parameters parameters() {
        return parameters;
    }

    StreamMapTable streams() {
        return streams;
    }

    /** Stream id bits the SMRs really have. */
    int streamIdMask() {
        return streamIdMask;
    }

    /** Mask bits the SMRs really have; 0 without stream matching. */
    int smrMask() {
        return smrMask;
    }

    /** Takes the first free bank from {@code first} on, or returns -1. */
    int takeBank(int first) {
        int bank = banks.nextClearBit(first);
        if (bank >= implementation.bankLimit(features.banks())) {
            return -1;
        }
        banks.set(bank);
        return bank;
    }

    void freeBank(int bank) {
        banks.clear(bank);
    }

    int banksInUse() {
        return banks.cardinality();
    }

    ContextRegisters context(int bank) {
        return contexts[bank];
    }

    /** Sets the shadow of a bank and writes it; null disables the bank. */
    void context(int bank, ContextRegisters registers) {
        contexts[bank] = registers;
        writeContext(bank);
    }

    /** Writes a stream entry: where it leads first, then what matches. */
    void writeStreamEntry(int n) {
        writeS2cr(n);
        writeSmr(n);
    }

    void writeS2cr(int n) {
        StreamMapTable.Entry e = streams.entry(n);
        int value = implementation.s2cr(e.type, e.bank);
        boolean extendedValid = features.extendedIds() && features.streamMatching() && e.valid;
        hardware.gr0(Registers.s2cr(n), value | (extendedValid ? Registers.S2CR_EXIDVALID : 0));
    }

    void writeSmr(int n) {
        if (!features.streamMatching()) {
            return;
        }
        StreamMapTable.Entry e = streams.entry(n);
        int value = e.valid ? e.mask << 16 | e.id : 0;
        hardware.gr0(Registers.smr(n), value | (e.valid && !features.extendedIds() ? Registers.SMR_VALID : 0));
    }

    private void writeContext(int bank) {
        ContextRegisters c = contexts[bank];
        if (c == null) {
            hardware.cb(bank, Registers.CB_SCTLR, 0);
            return;
        }
        if (features.version().isAfter(Version.V1)) {
            hardware.gr1(Registers.cba2r(bank), c.cba2r());
        }
        hardware.gr1(Registers.cbar(bank), c.cbar());
        // TCR before TTBR: it tells how wide the ASID is.
        if (c.stage() == 1 && features.version().isAfter(Version.V1)) {
            hardware.cb(bank, Registers.CB_TCR2, c.tcr2());
        }
        hardware.cb(bank, Registers.CB_TCR, c.tcr());
        if (c.shortFormat()) {
            hardware.cb(bank, Registers.CB_CONTEXTIDR, c.contextidr());
            hardware.cb(bank, Registers.CB_TTBR0, (int) c.ttbr0());
            hardware.cb(bank, Registers.CB_TTBR1, (int) c.ttbr1());
        } else {
            hardware.cb64(bank, Registers.CB_TTBR0, c.ttbr0());
            if (c.stage() == 1) {
                hardware.cb64(bank, Registers.CB_TTBR1, c.ttbr1());
            }
        }
        if (c.stage() == 1) {
            hardware.cb(bank, Registers.CB_MAIR0, c.mair0());
            hardware.cb(bank, Registers.CB_MAIR1, c.mair1());
        }
        hardware.cb(bank, Registers.CB_SCTLR, implementation.sctlr(c.sctlr()));
    }

    /** Brings the hardware from any state into the one the shadow describes (reference: reset sequence). */
    void reset() {
        hardware.gr0(Registers.SGFSR, hardware.gr0(Registers.SGFSR));
        for (int n = 0; n < features.groups(); n++) {
            writeStreamEntry(n);
        }
        for (int bank = 0; bank < features.banks(); bank++) {
            writeContext(bank);
            hardware.cb(bank, Registers.CB_FSR, Registers.FSR_FAULTS);
        }
        hardware.gr0(Registers.TLBIALLH, -1);
        hardware.gr0(Registers.TLBIALLNSNH, -1);
        int scr0 = hardware.gr0(Registers.SCR0);
        scr0 |= Registers.SCR0_GFRE | Registers.SCR0_GFIE | Registers.SCR0_GCFGFRE | Registers.SCR0_GCFGFIE
                | Registers.SCR0_VMIDPNE | Registers.SCR0_PTM;
        scr0 &= ~(Registers.SCR0_CLIENTPD | Registers.SCR0_FB | Registers.SCR0_BSU | Registers.SCR0_USFCFG);
        if (parameters.disableBypass()) {
            scr0 |= Registers.SCR0_USFCFG;
        }
        if (features.vmid16()) {
            scr0 |= Registers.SCR0_VMID16EN;
        }
        if (features.extendedIds()) {
            scr0 |= Registers.SCR0_EXIDENABLE;
        }
        implementation.reset(this);
        hardware.syncGlobal();
        hardware.gr0(Registers.SCR0, scr0);
    }

    /** Finds out which id and mask bits the SMRs have, on an entry nobody uses. */
    void testSmrWidth() {
        if (!features.streamMatching()) {
            return;
        }
        for (int n = 0; n < features.groups(); n++) {
            if (!streams.entry(n).valid) {
                hardware.gr0(Registers.smr(n), streamIdMask);
                streamIdMask = hardware.gr0(Registers.smr(n)) & 0xffff;
                hardware.gr0(Registers.smr(n), streamIdMask << 16);
                smrMask = hardware.gr0(Registers.smr(n)) >>> 16;
                return;
            }
        }
        hardware.log(Device.LogLevel.WARNING, "no free stream entry to test the width of stream ids");
    }

    /** The documented state after a driver: everything passes untranslated. */
    void disable() {
        if (banksInUse() > 0) {
            hardware.log(Device.LogLevel.INFO, "disabling translation");
        }
        hardware.gr0(Registers.SCR0, Registers.SCR0_CLIENTPD);
    }
}
