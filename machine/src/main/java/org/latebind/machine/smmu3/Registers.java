package org.latebind.machine.smmu3;

import java.util.Arrays;
import org.latebind.machine.RegisterWindow;

/**
 * The register file (Arm IHI 0070, section 6): storage, handshakes and the rules of who may write what when. A write
 * outside its allowed state is carried out where the architecture leaves that open, ignored where the register is
 * read-only then, and always complained about.
 */
final class Registers implements RegisterWindow {

    static final int CR0 = 0x20;
    static final int CR2 = 0x2c;
    static final int IRQ_CTRL = 0x50;
    static final int GERROR = 0x60;
    static final int GERRORN = 0x64;
    static final int STRTAB_BASE = 0x80;
    static final int STRTAB_BASE_CFG = 0x88;
    static final int CMDQ_PROD = 0x98;
    static final int CMDQ_CONS = 0x9c;
    static final int EVENTQ_PROD = 0xa8;
    static final int EVENTQ_CONS = 0xac;

    static final int SMMUEN = 1;
    static final int EVTQEN = 1 << 2;
    static final int CMDQEN = 1 << 3;
    static final int GERROR_IRQEN = 1;
    static final int EVENTQ_IRQEN = 1 << 2;
    static final int CMDQ_ERROR = 1;
    static final int EVENTQ_ABORT = 1 << 2;

    private static final int SIZE = 0x20000;
    private static final int PAGE1 = 0x10000;
    private static final int CR0ACK = 0x24;
    private static final int CR1 = 0x28;
    private static final int GBPA = 0x44;
    private static final int IRQ_CTRL_ACK = 0x54;
    private static final int CMDQ_BASE = 0x90;
    private static final int EVENTQ_BASE = 0xa0;
    private static final int CONFIGURATION_END = 0xe0;
    private static final int IDENTIFICATION = 0xfd0;
    private static final int GBPA_UPDATE = 1 << 31;
    private static final int GBPA_ABORT = 1 << 20;
    private static final int GBPA_FIELDS = 0x001f_3f1f | GBPA_ABORT;
    private static final int IRQ_CTRL_FIELDS = GERROR_IRQEN | EVENTQ_IRQEN;
    private static final int PRIQ_IRQEN = 1 << 1;
    private static final int CONS_ERROR_SHIFT = 24;
    private static final long QUEUE_ADDRESS = 0x000f_ffff_ffff_ffe0L;
    private static final int[] PRIMECELL = {4, 0, 0, 0, 0x84, 0xb4, 0xf0, 0x10, 0x0d, 0xf0, 0x05, 0xb1};

    /** What register writes set in motion. */
    interface Reactions {

        /** Commands may be waiting. */
        void consumeCommands();

        /** The stream table is another one now; caches were not told. */
        void streamTableMoved();

        /** Translation was switched on. */
        void translationEnabled();
    }

    private final Hardware hardware;
    private final Features features;
    private final int[] words = new int[CONFIGURATION_END / 4];
    private Reactions reactions;

    Registers(Hardware hardware) {
        this.hardware = hardware;
        this.features = hardware.features();
        reset();
    }

    /** Reset state: everything zero, except the queue sizes, which start at their maxima. */
    void reset() {
        Arrays.fill(words, 0);
        set(CMDQ_BASE, features.commandQueueBits());
        set(EVENTQ_BASE, features.eventQueueBits());
    }

    void reactions(Reactions value) {
        reactions = value;
    }

    @Override
    public long sizeBytes() {
        return SIZE;
    }

    @Override
    public long read(long offset, int sizeBytes) {
        long low = Integer.toUnsignedLong(read32((int) offset));
        return sizeBytes == 8 ? low | Integer.toUnsignedLong(read32((int) offset + 4)) << 32 : low;
    }

    private int read32(int offset) {
        int home = home(offset);
        return switch (home) {
            case 0x00 -> features.idr0();
            case 0x04 -> features.idr1();
            case 0x0c -> features.idr3();
            case 0x14 -> features.idr5();
            case 0x18 -> features.iidr();
            case 0x1c -> features.aidr();
            default -> home >= CR0 && home < CONFIGURATION_END ? word(home)
                    : home >= IDENTIFICATION && home < 0x1000 ? PRIMECELL[(home - IDENTIFICATION) / 4] : 0;
        };
    }

    /** Index registers of event and PRI queue live in page 1; everything else there reads as zero. */
    private static int home(int offset) {
        if (offset < PAGE1) {
            return offset;
        }
        int inPage = offset - PAGE1;
        return switch (inPage) {
            case EVENTQ_PROD, EVENTQ_CONS, 0xc8, 0xcc -> inPage;
            default -> SIZE;
        };
    }

    @Override
    public void write(long offset, int sizeBytes, long value) {
        write32((int) offset, (int) value);
        if (sizeBytes == 8) {
            write32((int) offset + 4, (int) (value >>> 32));
        }
    }

    private void write32(int offset, int value) {
        int home = home(offset);
        switch (home) {
            case CR0 -> writeControl(value);
            case CR1 -> guarded(home, value & 0xfff, SMMUEN | CMDQEN | EVTQEN);
            case CR2 -> guarded(home, value & 7, SMMUEN);
            case GBPA -> writeBypassAttributes(value);
            case IRQ_CTRL -> {
                set(IRQ_CTRL, value & (IRQ_CTRL_FIELDS | (features.pri() ? PRIQ_IRQEN : 0)));
                set(IRQ_CTRL_ACK, word(IRQ_CTRL));
            }
            case GERRORN -> acknowledge(value);
            case STRTAB_BASE, STRTAB_BASE + 4, STRTAB_BASE_CFG -> {
                guarded(home, value & mask(home), SMMUEN);
                reactions.streamTableMoved();
            }
            case CMDQ_BASE, CMDQ_BASE + 4 -> guarded(home, value & mask(home), CMDQEN);
            case EVENTQ_BASE, EVENTQ_BASE + 4 -> guarded(home, value & mask(home), EVTQEN);
            case CMDQ_PROD -> writeCommandProducer(value);
            case CMDQ_CONS -> readOnlyWhile(home, value & 0x7f0f_ffff, CMDQEN);
            case EVENTQ_PROD -> readOnlyWhile(home, value & 0x800f_ffff, EVTQEN);
            case EVENTQ_CONS -> set(home, value & 0x800f_ffff);
            default -> writeInterruptConfiguration(home, value);
        }
    }

    private void writeControl(int value) {
        int before = word(CR0);
        set(CR0, value & features.cr0Bits());
        set(CR0ACK, word(CR0));
        if ((before & SMMUEN) == 0 && enabled(SMMUEN)) {
            reactions.translationEnabled();
        }
        if ((before & CMDQEN) == 0 && enabled(CMDQEN)) {
            checkQueueBase("CMDQ", longWord(CMDQ_BASE), commandRing().bits() + 4);
            checkProducer();
        }
        if ((before & EVTQEN) == 0 && enabled(EVTQEN)) {
            checkQueueBase("EVENTQ", longWord(EVENTQ_BASE), eventRing().bits() + 5);
        }
        reactions.consumeCommands();
    }

    private void checkQueueBase(String queue, long base, int sizeShift) {
        if ((base & QUEUE_ADDRESS & (1L << sizeShift) - 1) != 0) {
            hardware.complain("smmu3-queue-misuse", queue + "_BASE " + Hardware.hex(base) + " is not aligned to its "
                    + (1L << sizeShift) + " bytes");
        }
    }

    private void writeBypassAttributes(int value) {
        if ((value & GBPA_UPDATE) == 0) {
            hardware.complain("smmu3-register-state", "GBPA written with UPDATE=0: " + Hardware.hex(value & 0xffffffffL));
            return;
        }
        set(GBPA, value & GBPA_FIELDS);
    }

    private void acknowledge(int value) {
        int active = word(GERROR) ^ word(GERRORN);
        int toggled = value ^ word(GERRORN);
        if ((toggled & ~active) != 0) {
            hardware.complain("smmu3-register-state", "GERRORN acknowledges errors that are not active: "
                    + Hardware.hex(toggled & ~active));
        }
        set(GERRORN, value & 0x1ff);
        reactions.consumeCommands();
    }

    private void writeCommandProducer(int value) {
        set(CMDQ_PROD, value & 0xf_ffff);
        if (enabled(CMDQEN)) {
            checkProducer();
        }
        reactions.consumeCommands();
    }

    private void checkProducer() {
        RingIndex ring = commandRing();
        int filled = ring.filled(word(CMDQ_PROD) & ring.mask(), word(CMDQ_CONS) & ring.mask());
        if (filled > 1 << ring.bits()) {
            hardware.complain("smmu3-queue-misuse", "CMDQ_PROD " + Hardware.hex(word(CMDQ_PROD)) + " is " + filled
                    + " entries ahead of CMDQ_CONS " + Hardware.hex(word(CMDQ_CONS)));
        }
    }

    private void writeInterruptConfiguration(int home, int value) {
        switch (home) {
            case 0x68, 0x6c, 0x70, 0x74 -> guardedInterrupt(home, value, GERROR_IRQEN);
            case 0xb0, 0xb4, 0xb8, 0xbc -> guardedInterrupt(home, value, EVENTQ_IRQEN);
            case 0xd0, 0xd4, 0xd8, 0xdc -> guardedInterrupt(home, value, PRIQ_IRQEN);
            default -> {
                // Identification, acknowledge and reserved registers ignore writes.
            }
        }
    }

    /** Message configuration; without messages (IDR0.MSI=0) these registers are not there and read as zero. */
    private void guardedInterrupt(int home, int value, int enable) {
        if (!features.msi()) {
            return;
        }
        if ((word(IRQ_CTRL) & enable) != 0) {
            complain(home, value, "its interrupt is enabled");
        }
        set(home, value & interruptMask(home));
    }

    private static int interruptMask(int home) {
        return switch (home) {
            case 0x68, 0xb0, 0xd0 -> ~3;
            case 0x6c, 0xb4, 0xd4 -> 0x000f_ffff;
            case 0x74, 0xbc, 0xdc -> 0x3f;
            default -> -1;
        };
    }

    private void guarded(int home, int value, int enables) {
        if (enabled(enables)) {
            complain(home, value, "CR0 is " + Hardware.hex(word(CR0)));
        }
        set(home, value);
    }

    private void readOnlyWhile(int home, int value, int enable) {
        if (enabled(enable)) {
            complain(home, value, "CR0 is " + Hardware.hex(word(CR0)));
        } else {
            set(home, value);
        }
    }

    private void complain(int home, int value, String why) {
        hardware.complain("smmu3-register-state",
                "register " + Hardware.hex(home) + " written with " + Hardware.hex(value & 0xffffffffL) + " while " + why);
    }

    private static int mask(int home) {
        return switch (home) {
            case STRTAB_BASE -> ~0x3f;
            case STRTAB_BASE_CFG -> 0x0003_07ff;
            case CMDQ_BASE, EVENTQ_BASE -> -1;
            default -> 0x400f_ffff;
        };
    }

    int word(int offset) {
        return words[offset / 4];
    }

    void set(int offset, int value) {
        words[offset / 4] = value;
    }

    long longWord(int offset) {
        return Integer.toUnsignedLong(word(offset)) | (long) word(offset + 4) << 32;
    }

    boolean enabled(int bits) {
        return (word(CR0) & bits) != 0;
    }

    boolean abortsWhenDisabled() {
        return (word(GBPA) & GBPA_ABORT) != 0;
    }

    RingIndex commandRing() {
        return new RingIndex(Math.min(word(CMDQ_BASE) & 0x1f, features.commandQueueBits()));
    }

    long commandBase() {
        return longWord(CMDQ_BASE) & QUEUE_ADDRESS & -(1L << commandRing().bits() + 4);
    }

    RingIndex eventRing() {
        return new RingIndex(Math.min(word(EVENTQ_BASE) & 0x1f, features.eventQueueBits()));
    }

    long eventBase() {
        return longWord(EVENTQ_BASE) & QUEUE_ADDRESS & -(1L << eventRing().bits() + 5);
    }

    boolean commandErrorActive() {
        return ((word(GERROR) ^ word(GERRORN)) & CMDQ_ERROR) != 0;
    }

    void commandError(int code) {
        set(CMDQ_CONS, word(CMDQ_CONS) & 0xf_ffff | code << CONS_ERROR_SHIFT);
        raiseGlobalError(CMDQ_ERROR);
    }

    /** Makes an error active, unless it is already, and pulses the line. */
    void raiseGlobalError(int bit) {
        if (((word(GERROR) ^ word(GERRORN)) & bit) != 0) {
            return;
        }
        set(GERROR, word(GERROR) ^ bit);
        if ((word(IRQ_CTRL) & GERROR_IRQEN) != 0) {
            interrupt("gerror", 0x68);
        }
    }

    void eventInterrupt() {
        interrupt("eventq", 0xb0);
    }

    private void interrupt(String line, int configuration) {
        long message = longWord(configuration) & 0x000f_ffff_ffff_fffcL;
        if (features.msi() && message != 0) {
            hardware.signal(message, word(configuration + 8));
        } else {
            hardware.pulse(line);
        }
    }
}
