package org.latebind.smmu.v3;

import org.latebind.hardware.Machine;
import org.latebind.hardware.Mmio;

/**
 * Typed access to the registers (Arm IHI 0070, section 6.2) and the handshakes some of them ask for. Queue registers of
 * page 1 are at {@code page1}, which is page 0 on hardware that lacks the second page.
 */
final class RegisterBlock {

    static final int CR0_SMMUEN = 1;
    static final int CR0_EVTQEN = 1 << 2;
    static final int CR0_CMDQEN = 1 << 3;
    static final int IRQ_GERROR = 1;
    static final int IRQ_EVENTQ = 1 << 2;
    static final int GBPA_ABORT = 1 << 20;

    static final int GERROR_IRQ_CFG0 = 0x68;
    static final int EVENTQ_IRQ_CFG0 = 0xb0;

    private static final int IDR0 = 0x00;
    private static final int IDR1 = 0x04;
    private static final int IDR3 = 0x0c;
    private static final int IDR5 = 0x14;
    private static final int IIDR = 0x18;
    private static final int CR0 = 0x20;
    private static final int CR0ACK = 0x24;
    private static final int CR1 = 0x28;
    private static final int CR2 = 0x2c;
    private static final int GBPA = 0x44;
    private static final int GBPA_UPDATE = 1 << 31;
    private static final int IRQ_CTRL = 0x50;
    private static final int IRQ_CTRL_ACK = 0x54;
    private static final int GERROR = 0x60;
    private static final int GERRORN = 0x64;
    private static final int STRTAB_BASE = 0x80;
    private static final int STRTAB_BASE_CFG = 0x88;
    private static final int CMDQ_BASE = 0x90;
    private static final int CMDQ_PROD = 0x98;
    private static final int CMDQ_CONS = 0x9c;
    private static final int EVENTQ_BASE = 0xa0;
    private static final int EVENTQ_PROD = 0xa8;
    private static final int EVENTQ_CONS = 0xac;
    private static final long PAGE1 = 0x10000;
    private static final long TIMEOUT_NANOS = 1_000_000_000L;
    private static final int POLLS_MAX = 1_000_000;
    /** Hint to hardware that fetches of tables and queues may allocate. */
    private static final long ALLOCATE = 1L << 62;

    private final Mmio mmio;
    private final Machine.Delay delay;
    private final long page1;

    RegisterBlock(Mmio mmio, Machine.Delay delay, boolean brokenPage1) {
        this.mmio = mmio;
        this.delay = delay;
        this.page1 = brokenPage1 ? 0 : PAGE1;
    }

    int idr0() {
        return mmio.read32(IDR0);
    }

    int idr1() {
        return mmio.read32(IDR1);
    }

    int idr3() {
        return mmio.read32(IDR3);
    }

    int idr5() {
        return mmio.read32(IDR5);
    }

    int iidr() {
        return mmio.read32(IIDR);
    }

    int control() {
        return mmio.read32(CR0);
    }

    /** Writes CR0 and waits for CR0ACK; false on a timeout. */
    boolean control(int value) {
        return acknowledged(CR0, CR0ACK, value);
    }

    /** Writes IRQ_CTRL and waits for IRQ_CTRL_ACK; false on a timeout. */
    boolean interrupts(int value) {
        return acknowledged(IRQ_CTRL, IRQ_CTRL_ACK, value);
    }

    private boolean acknowledged(int register, int ack, int value) {
        mmio.write32(register, value);
        return poll(() -> mmio.read32(ack) == value);
    }

    /** Changes GBPA by its UPDATE handshake; false on a timeout. */
    boolean bypassAttributes(int set, int clear) {
        if (!poll(() -> (mmio.read32(GBPA) & GBPA_UPDATE) == 0)) {
            return false;
        }
        mmio.write32(GBPA, mmio.read32(GBPA) & ~clear | set | GBPA_UPDATE);
        return poll(() -> (mmio.read32(GBPA) & GBPA_UPDATE) == 0);
    }

    void attributes(int cr1, int cr2) {
        mmio.write32(CR1, cr1);
        mmio.write32(CR2, cr2);
    }

    void streamTable(long address, int configuration) {
        mmio.write64(STRTAB_BASE, address | ALLOCATE);
        mmio.write32(STRTAB_BASE_CFG, configuration);
    }

    void commandQueue(long address, int bits) {
        mmio.write64(CMDQ_BASE, address | bits | ALLOCATE);
        mmio.write32(CMDQ_PROD, 0);
        mmio.write32(CMDQ_CONS, 0);
    }

    void eventQueue(long address, int bits) {
        mmio.write64(EVENTQ_BASE, address | bits | ALLOCATE);
        mmio.write32(page1 + EVENTQ_PROD, 0);
        mmio.write32(page1 + EVENTQ_CONS, 0);
    }

    /** Clears one message configuration; the interrupt is wired then. */
    void wired(int configuration) {
        mmio.write64(configuration, 0);
    }

    void commandProducer(int value) {
        mmio.write32(CMDQ_PROD, value);
    }

    int commandConsumer() {
        return mmio.read32(CMDQ_CONS);
    }

    int eventProducer() {
        return mmio.read32(page1 + EVENTQ_PROD);
    }

    void eventConsumer(int value) {
        mmio.write32(page1 + EVENTQ_CONS, value);
    }

    int globalErrors() {
        return mmio.read32(GERROR);
    }

    int acknowledgedErrors() {
        return mmio.read32(GERRORN);
    }

    void acknowledgeErrors(int value) {
        mmio.write32(GERRORN, value);
    }

    /** Asks again and again, a microsecond apart, for up to a second of hardware time. */
    boolean poll(Condition condition) {
        long start = delay.nanos();
        for (int polls = 0; polls < POLLS_MAX; polls++) {
            if (condition.holds()) {
                return true;
            }
            if (delay.nanos() - start > TIMEOUT_NANOS) {
                break;
            }
            delay.micros(1);
        }
        return condition.holds();
    }

    /** What is waited for. */
    @FunctionalInterface
    interface Condition {

        /** Tells whether the wait is over. */
        boolean holds();
    }
}
