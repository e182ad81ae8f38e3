package org.latebind.ipmmu.internal;

import java.util.List;
import org.latebind.driver.Device;
import org.latebind.hardware.Machine;

/**
 * The register sequences that stage 1 and stage 2 have in common. In all of them the leaves are written before the root,
 * which alone is waited for: its invalidation ends after those of its leaves. The caller holds the root's lock. IPMMU sheet,
 * sections 4.6, 4.7, 6.12 and 6.13.
 */
final class Sequences {

    private static final int FLUSH_TIMEOUT_MICROS = 100;

    private final Instance root;
    private final RateLimit limit;

    Sequences(Instance root) {
        this.root = root;
        this.limit = new RateLimit(root.device().machine().delay());
    }

    /**
     * Invalidates a context everywhere and waits.
     *
     * @param leaves   leaves where the context runs; a Gen2 instance is not its own leaf here
     * @param reporter device in whose name a timeout is reported
     */
    void flush(int context, List<Instance> leaves, Device reporter) {
        int control = root.registers().readContext(context, RegisterBlock.IMCTR) | RegisterBlock.IMCTR_FLUSH;
        writeAll(context, leaves, control);
        await(context, reporter);
    }

    /** Stops a context: FLUSH without MMUEN, leaves first, then waits. The table bases stay as they were. */
    void stop(int context, List<Instance> leaves, Device reporter) {
        writeAll(context, leaves, RegisterBlock.IMCTR_FLUSH);
        await(context, reporter);
    }

    /** IMCTR of the leaves, then of the root. */
    void writeAll(int context, List<Instance> leaves, int control) {
        for (Instance leaf : leaves) {
            if (leaf != root) {
                leaf.registers().writeContext(context, RegisterBlock.IMCTR, control & RegisterBlock.IMCTR_COMMON);
            }
        }
        root.registers().writeContext(context, RegisterBlock.IMCTR, control);
    }

    /** The bus is strongly ordered: the first read cannot overtake the write that started the invalidation. */
    private void await(int context, Device reporter) {
        Machine.Delay delay = root.device().machine().delay();
        for (int micros = 0; micros <= FLUSH_TIMEOUT_MICROS; micros++) {
            if ((root.registers().readContext(context, RegisterBlock.IMCTR) & RegisterBlock.IMCTR_FLUSH) == 0) {
                return;
            }
            delay.micros(1);
        }
        if (limit.permits()) {
            reporter.log(Device.LogLevel.ERROR, "TLB sync timed out -- MMU may be deadlocked");
        }
    }
}
