package org.latebind.machine.smmu3;

/** Writes event records (Arm IHI 0070, section 7.2). Queue state lives in the registers. */
final class EventQueue {

    private static final int ENTRY_BYTES = 32;
    private static final int OVERFLOW_FLAG = 1 << 31;
    private static final int SUBSTREAM_VALID = 1 << 11;
    private static final int RECORD_INVALID_SID = 1 << 1;

    private final Registers registers;
    private final Hardware hardware;

    EventQueue(Registers registers, Hardware hardware) {
        this.registers = registers;
        this.hardware = hardware;
    }

    /**
     * Records a fault of a stream if the configuration, the queue and its state allow it.
     *
     * @param substream substream id, negative for none
     * @return whether there is a record now
     */
    boolean record(int sid, int substream, Fault fault) {
        boolean wanted = fault.recorded()
                && (fault.type() != Fault.C_BAD_STREAMID || (registers.word(Registers.CR2) & RECORD_INVALID_SID) != 0);
        if (!wanted || !registers.enabled(Registers.EVTQEN)) {
            return false;
        }
        RingIndex ring = registers.eventRing();
        int producer = registers.word(Registers.EVENTQ_PROD);
        int consumer = registers.word(Registers.EVENTQ_CONS);
        if (ring.full(producer & ring.mask(), consumer & ring.mask())) {
            if (((producer ^ consumer) & OVERFLOW_FLAG) == 0) {
                registers.set(Registers.EVENTQ_PROD, producer ^ OVERFLOW_FLAG);
            }
            return false;
        }
        long substreamField = substream < 0 ? 0 : SUBSTREAM_VALID | (long) substream << 12;
        long[] words = {fault.type() | substreamField | Integer.toUnsignedLong(sid) << 32, fault.word1(), fault.address(),
            fault.word3()};
        long slot = registers.eventBase() + (long) ring.slot(producer) * ENTRY_BYTES;
        if (!hardware.write(slot, words)) {
            registers.raiseGlobalError(Registers.EVENTQ_ABORT);
            return false;
        }
        boolean wasEmpty = ring.filled(producer & ring.mask(), consumer & ring.mask()) == 0;
        registers.set(Registers.EVENTQ_PROD, producer & OVERFLOW_FLAG | ring.next(producer & ring.mask()));
        if (wasEmpty && (registers.word(Registers.IRQ_CTRL) & Registers.EVENTQ_IRQEN) != 0) {
            registers.eventInterrupt();
        }
        return true;
    }
}
