package org.latebind.smmu.v3;

import org.latebind.hardware.PhysicalMemory;

/** The event queue (Arm IHI 0070, section 7.2). Read on the owner's thread only. */
final class EventQueue {

    static final int ENTRY_BYTES = 32;
    private static final int OVERFLOW_FLAG = 1 << 31;

    private final RegisterBlock registers;
    private final PhysicalMemory memory;
    private final long base;
    private final int bits;
    private int consumer;

    /** Takes records and the news that some were lost. */
    interface Sink {

        /** One record, as four words. */
        void event(long word0, long word1, long word2, long word3);

        /** Records were lost because the queue was full. */
        void overflow();
    }

    EventQueue(RegisterBlock registers, PhysicalMemory memory, long base, int bits) {
        this.registers = registers;
        this.memory = memory;
        this.base = base;
        this.bits = bits;
    }

    int bits() {
        return bits;
    }

    void reset() {
        consumer = 0;
        registers.eventQueue(base, bits);
    }

    /** Reads all records; true when there was one. */
    boolean drain(Sink sink) {
        int mask = (1 << bits + 1) - 1;
        boolean any = false;
        int producer = registers.eventProducer();
        while (((producer ^ consumer) & mask) != 0) {
            while (((producer ^ consumer) & mask) != 0) {
                long at = base + (long) (consumer & (1 << bits) - 1) * ENTRY_BYTES;
                sink.event(memory.read64(at), memory.read64(at + 8), memory.read64(at + 16), memory.read64(at + 24));
                consumer = consumer & OVERFLOW_FLAG | consumer + 1 & mask;
                registers.eventConsumer(consumer);
                any = true;
            }
            producer = registers.eventProducer();
        }
        if (((producer ^ consumer) & OVERFLOW_FLAG) != 0) {
            sink.overflow();
            consumer ^= OVERFLOW_FLAG;
            registers.eventConsumer(consumer);
            any = true;
        }
        return any;
    }
}
