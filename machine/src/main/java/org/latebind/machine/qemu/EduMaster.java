package org.latebind.machine.qemu;

import java.util.List;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Mmio;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;

/**
 * QEMU's {@code edu} device as a DMA master.
 *
 * <p>Its own 4 KiB buffer is reached by DMA only. What a write is to carry is therefore fetched from a staging page, and what a
 * read brought is delivered to it, while the SMMU is switched off for a moment: that disturbs neither its caches (they
 * survive) nor its queues, and a disabled SMMU of this QEMU lets everything pass.
 *
 * <p>A transfer is cut at pages, and the first four bytes of each page go first: QEMU reports a failing access once for every
 * four bytes, so a refused transfer makes exactly one event record, as with a simulated master.
 */
final class EduMaster implements DmaMaster {

    static final int IDENTITY = 0x010000ed;
    private static final long BUFFER = 0x40000;
    private static final int DMA_SOURCE = 0x80;
    private static final int DMA_DESTINATION = 0x88;
    private static final int DMA_COUNT = 0x90;
    private static final int DMA_COMMAND = 0x98;
    private static final int RUN = 1;
    private static final int TO_RAM = 2;
    private static final int PAGE = 4096;
    private static final int HEAD = 4;
    private static final int POLLS_MAX = 10_000;
    private static final long PATIENCE_NANOS = 20_000_000_000L;
    private static final int SMMU_CR0 = 0x20;
    private static final int SMMUEN = 1;

    private final String path;
    private final Mmio device;
    private final Mmio smmu;
    private final PhysicalMemory memory;
    private final TranslationTrace trace;
    private final long staging;

    EduMaster(String path, Mmio device, Mmio smmu, PhysicalMemory memory, PageAllocator pages, TranslationTrace trace) {
        this.path = path;
        this.device = device;
        this.smmu = smmu;
        this.memory = memory;
        this.trace = trace;
        this.staging = pages.allocate(PAGE, PAGE, 32);
    }

    @Override
    public String devicePath() {
        return path;
    }

    @Override
    public int streams() {
        return 1;
    }

    @Override
    public DmaResult read(int stream, long busAddress, byte[] into) {
        return transfer(stream, busAddress, into, false);
    }

    @Override
    public DmaResult write(int stream, long busAddress, byte[] from) {
        return transfer(stream, busAddress, from, true);
    }

    private DmaResult transfer(int stream, long busAddress, byte[] data, boolean write) {
        if (stream != 0) {
            throw new IndexOutOfBoundsException("an edu device has one stream, not " + stream);
        }
        boolean translated = true;
        String detail = "";
        for (int done = 0; done < data.length;) {
            long address = busAddress + done;
            int inPage = (int) Math.min(data.length - done, PAGE - (address & PAGE - 1));
            boolean head = done == 0 || (address & PAGE - 1) == 0;
            int piece = Math.min(inPage, head ? HEAD - (int) (address & HEAD - 1) : PAGE - 1);
            TranslationTrace.Step step = write ? pieceOut(address, data, done, piece) : pieceIn(address, data, done, piece);
            DmaResult.Kind kind = kind(step);
            if (kind != DmaResult.Kind.TRANSLATED && kind != DmaResult.Kind.UNTRANSLATED) {
                return new DmaResult(kind, done, address, step == null ? "refused" : step.outcome());
            }
            if (!memory.isMemory(step.translated(), 1)) {
                return new DmaResult(DmaResult.Kind.EXTERNAL_ABORT, done, address, "no memory");
            }
            translated &= kind == DmaResult.Kind.TRANSLATED;
            detail = kind == DmaResult.Kind.TRANSLATED ? "" : step.outcome();
            done += piece;
        }
        return new DmaResult(translated ? DmaResult.Kind.TRANSLATED : DmaResult.Kind.UNTRANSLATED, data.length, 0, detail);
    }

    private static DmaResult.Kind kind(TranslationTrace.Step step) {
        if (step == null) {
            return DmaResult.Kind.FAULT;
        }
        return switch (step.outcome()) {
            case "success" -> DmaResult.Kind.TRANSLATED;
            case "bypass", "disable" -> DmaResult.Kind.UNTRANSLATED;
            case "abort" -> DmaResult.Kind.BLOCKED;
            default -> DmaResult.Kind.FAULT;
        };
    }

    private TranslationTrace.Step pieceOut(long address, byte[] data, int from, int length) {
        memory.write(staging, data, from, length);
        withSmmuOff(() -> run(staging, BUFFER, length, 0));
        trace.skip();
        run(BUFFER, address, length, TO_RAM);
        return only(trace.take());
    }

    private TranslationTrace.Step pieceIn(long address, byte[] data, int into, int length) {
        trace.skip();
        run(address, BUFFER, length, 0);
        TranslationTrace.Step step = only(trace.take());
        if (step != null && !step.outcome().equals("abort")) {
            withSmmuOff(() -> run(BUFFER, staging, length, TO_RAM));
            memory.read(staging, data, into, length);
        }
        return step;
    }

    /** A piece is inside one page: one translation, or none when it was refused. */
    private static TranslationTrace.Step only(List<TranslationTrace.Step> steps) {
        return steps.isEmpty() ? null : steps.get(0);
    }

    private void withSmmuOff(Runnable transfer) {
        int control = smmu.read32(SMMU_CR0);
        if ((control & SMMUEN) == 0) {
            transfer.run();
            return;
        }
        smmu.write32(SMMU_CR0, control & ~SMMUEN);
        try {
            transfer.run();
        } finally {
            smmu.write32(SMMU_CR0, control);
        }
    }

    private void run(long source, long destination, int length, int direction) {
        device.write64(DMA_SOURCE, source);
        device.write64(DMA_DESTINATION, destination);
        device.write64(DMA_COUNT, length);
        device.write64(DMA_COMMAND, RUN | direction);
        long start = System.nanoTime();
        for (int polls = 0; (device.read64(DMA_COMMAND) & RUN) != 0; polls++) {
            // On a busy machine QEMU's processor may be waiting for its turn while we ask.
            if (polls > POLLS_MAX && System.nanoTime() - start > PATIENCE_NANOS) {
                throw new QemuException("the DMA of " + path + " never ended");
            }
        }
    }
}
