package org.latebind.machine;

import java.util.Map;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.Finding;
import org.latebind.hardware.PhysicalMemory;

/** A device's bus-master side. A transfer is cut at 4 KiB boundaries; each piece is judged by the state at its start. */
final class BusMaster implements DmaMaster {

    private static final int PIECE_BYTES = 4096;
    /** A held access that software keeps repeating is given up after so many times. */
    private static final int RETRIES_MAX = 16;

    private final MachineLayout.Master layout;
    private final Map<String, ModelFactory.Model> models;
    private final PhysicalMemory memory;
    private final MachineLock lock;
    private final FindingLog findings;

    BusMaster(MachineLayout.Master layout, Map<String, ModelFactory.Model> models, PhysicalMemory memory,
            MachineLock lock, FindingLog findings) {
        this.layout = layout;
        this.models = models;
        this.memory = memory;
        this.lock = lock;
        this.findings = findings;
    }

    @Override
    public String devicePath() {
        return layout.path();
    }

    @Override
    public int streams() {
        return layout.streams().size();
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
        MachineLayout.Stream emitted = layout.streams().get(stream);
        int done = 0;
        boolean translated = true;
        String detail = "";
        while (done < data.length) {
            long address = busAddress + done;
            int length = (int) Math.min(data.length - done, PIECE_BYTES - (address & (PIECE_BYTES - 1)));
            Piece piece = new Piece(emitted, address, data, done, length, write);
            lock.run(piece);
            for (int retry = 0; !piece.passed && retry < RETRIES_MAX && piece.retries(); retry++) {
                lock.run(piece);
            }
            if (!piece.passed) {
                return new DmaResult(piece.verdict.kind(), done, address, piece.verdict.detail());
            }
            translated &= piece.verdict.kind() == DmaResult.Kind.TRANSLATED;
            detail = piece.verdict.detail();
            done += length;
        }
        return new DmaResult(translated ? DmaResult.Kind.TRANSLATED : DmaResult.Kind.UNTRANSLATED, done, 0, detail);
    }

    /** One judged access and its copy; both under the machine's lock. */
    private final class Piece implements Runnable {
        private final MachineLayout.Stream emitted;
        private final long address;
        private final byte[] data;
        private final int offset;
        private final int length;
        private final boolean write;
        private Verdict verdict;
        private boolean passed;

        Piece(MachineLayout.Stream emitted, long address, byte[] data, int offset, int length, boolean write) {
            this.emitted = emitted;
            this.address = address;
            this.data = data;
            this.offset = offset;
            this.length = length;
            this.write = write;
        }

        @Override
        public void run() {
            verdict = judge();
            if (verdict.kind() == DmaResult.Kind.FAULT || verdict.kind() == DmaResult.Kind.BLOCKED) {
                return;
            }
            try {
                if (write) {
                    memory.write(verdict.physicalAddress(), data, offset, length);
                } else {
                    memory.read(verdict.physicalAddress(), data, offset, length);
                }
                passed = true;
            } catch (ExternalAbortException e) {
                findings.report(new Finding("dma-external-abort", layout.path(), (write ? "write" : "read") + " of bus address 0x"
                        + Long.toHexString(address) + " went to 0x" + Long.toHexString(verdict.physicalAddress())
                        + ", which is no memory"));
                verdict = new Verdict(DmaResult.Kind.EXTERNAL_ABORT, verdict.physicalAddress(), e.getMessage());
            }
        }

        /** Handlers ran by now: tells whether the access was held and is to be tried again. */
        boolean retries() {
            ModelFactory.Model model = models.get(emitted.iommuPath());
            StreamTranslator translator = model == null ? null : model.translator();
            boolean[] again = new boolean[1];
            if (translator != null && verdict.kind() == DmaResult.Kind.FAULT) {
                lock.run(() -> again[0] = translator.retries(emitted.id(), address));
            }
            return again[0];
        }

        private Verdict judge() {
            ModelFactory.Model model = models.get(emitted.iommuPath());
            StreamTranslator translator = model == null ? null : model.translator();
            return translator == null ? Verdict.untranslated(address, "no translation hardware on the way")
                    : translator.translate(emitted.id(), address, write);
        }
    }
}
