package org.latebind.smmu.v3;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.locks.ReentrantLock;
import org.latebind.hardware.PhysicalMemory;

/**
 * The command queue: one producer at a time, several commands per doorbell, completion by CMD_SYNC (Arm IHI 0070,
 * section 3.5). Thread safe.
 */
final class CommandQueue {

    static final int ENTRY_BYTES = 16;
    private static final int CONS_ERROR_SHIFT = 24;
    private static final int CONS_ERROR_MASK = 0x7f;
    private static final int ERROR_ILLEGAL = 1;

    /** How CMD_SYNC tells that it is done. */
    enum Completion {
        /** CMDQ_CONS passes it. */ CONSUMER,
        /** It overwrites its own slot with zero. */ MESSAGE,
        /** It pulses the cmdq-sync line. */ INTERRUPT
    }

    private final RegisterBlock registers;
    private final PhysicalMemory memory;
    private final long base;
    private final int bits;
    private final Completion completion;
    private final GlobalErrors errors;
    private final ReentrantLock lock = new ReentrantLock();
    private final ByteBuffer staging = ByteBuffer.allocate((Batch.CAPACITY + 1) * ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private boolean forcedSync;
    private int producer;
    private int consumer;
    private volatile int syncInterrupts;

    /** Looks after GERROR; asked while waiting, because nobody else may be there to serve the interrupt. */
    @FunctionalInterface
    interface GlobalErrors {

        /** Serves active errors; false when there is none. */
        boolean serve();
    }

    CommandQueue(RegisterBlock registers, PhysicalMemory memory, long base, int bits, Completion completion,
            GlobalErrors errors) {
        this.registers = registers;
        this.memory = memory;
        this.base = base;
        this.bits = bits;
        this.completion = completion;
        this.errors = errors;
    }

    int bits() {
        return bits;
    }

    /** Full batches end with a CMD_SYNC from now on. */
    void forceSync() {
        forcedSync = true;
    }

    boolean forcedSync() {
        return forcedSync;
    }

    /** The queue is empty and disabled: programs its registers. */
    void reset() {
        lock.lock();
        try {
            producer = 0;
            consumer = 0;
            registers.commandQueue(base, bits);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Queues commands.
     *
     * @param words two words for each command
     * @param count at most {@link Batch#CAPACITY}
     * @param sync  append a CMD_SYNC and wait for it
     * @return false when there was no room or the CMD_SYNC was not done within a second
     */
    boolean issue(long[] words, int count, boolean sync) {
        lock.lock();
        try {
            int total = count + (sync ? 1 : 0);
            if (!waitForRoom(total)) {
                return false;
            }
            int first = producer;
            int interruptsBefore = syncInterrupts;
            staging.clear();
            for (int i = 0; i < 2 * count; i++) {
                staging.putLong(words[i]);
            }
            int syncIndex = producer + count & mask();
            if (sync) {
                stageSync(slot(syncIndex));
            }
            store(first, total);
            producer = first + total & mask();
            // Commands and the tables they speak of must be visible before the doorbell.
            VarHandle.fullFence();
            registers.commandProducer(producer);
            return !sync || await(syncIndex, interruptsBefore);
        } finally {
            lock.unlock();
        }
    }

    private void stageSync(long ownSlot) {
        switch (completion) {
            case CONSUMER -> staging.putLong(Commands.sync(Commands.SYNC_SEV)).putLong(0);
            case MESSAGE -> staging.putLong(Commands.sync(Commands.SYNC_IRQ)).putLong(ownSlot);
            case INTERRUPT -> staging.putLong(Commands.sync(Commands.SYNC_IRQ)).putLong(0);
        }
    }

    /** Copies the staged entries, in two pieces where the queue wraps. */
    private void store(int first, int total) {
        int untilWrap = Math.min(total, (1 << bits) - (first & (1 << bits) - 1));
        memory.write(slot(first), staging.array(), 0, untilWrap * ENTRY_BYTES);
        if (untilWrap < total) {
            memory.write(base, staging.array(), untilWrap * ENTRY_BYTES, (total - untilWrap) * ENTRY_BYTES);
        }
    }

    private int mask() {
        return (1 << bits + 1) - 1;
    }

    private long slot(int index) {
        return base + (long) (index & (1 << bits) - 1) * ENTRY_BYTES;
    }

    private int room() {
        return (1 << bits) - (producer - consumer & mask());
    }

    private boolean waitForRoom(int needed) {
        return room() >= needed || progress(() -> {
            consumer = registers.commandConsumer() & mask();
            return room() >= needed;
        });
    }

    private boolean await(int syncIndex, int interruptsBefore) {
        return switch (completion) {
            case CONSUMER -> progress(() -> passed(syncIndex));
            case MESSAGE -> progress(() -> memory.read32(slot(syncIndex)) == 0);
            case INTERRUPT -> progress(() -> syncInterrupts != interruptsBefore || passed(syncIndex));
        };
    }

    private boolean passed(int index) {
        consumer = registers.commandConsumer() & mask();
        // Passed when the consumer is beyond it: fewer entries wait than were queued from it on.
        return (producer - consumer & mask()) < (producer - index & mask());
    }

    private boolean progress(RegisterBlock.Condition condition) {
        return registers.poll(() -> condition.holds() || errors.serve() && condition.holds());
    }

    /** The cmdq-sync line was pulsed. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    void synced() {
        syncInterrupts++;
    }

    /** How often the cmdq-sync line was served. */
    int syncInterrupts() {
        return syncInterrupts;
    }

    /**
     * Repairs the queue after CMDQ_ERR, before the error is acknowledged: an illegal command becomes a CMD_SYNC, an
     * aborted fetch is retried as it is.
     *
     * @return what happened, for the log
     */
    String recover() {
        lock.lock();
        try {
            int cons = registers.commandConsumer();
            int error = cons >>> CONS_ERROR_SHIFT & CONS_ERROR_MASK;
            if (error != ERROR_ILLEGAL) {
                return "CMDQ error " + error + ", retrying";
            }
            long at = slot(cons);
            String text = "CMDQ error (CERROR_ILL): 0x" + Long.toHexString(memory.read64(at)) + " 0x"
                    + Long.toHexString(memory.read64(at + 8)) + ", skipped";
            memory.write64(at + 8, 0);
            memory.write64(at, Commands.sync(Commands.SYNC_NONE));
            return text;
        } finally {
            lock.unlock();
        }
    }
}
