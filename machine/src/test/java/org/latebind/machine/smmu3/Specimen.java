package org.latebind.machine.smmu3;

import java.util.Set;
import org.latebind.hardware.PhysicalMemory;

/** One SMMUv3 with memory and DMA masters, to be done the same things to as another one. */
interface Specimen extends AutoCloseable {

    long read(long offset, int sizeBytes);

    void write(long offset, int sizeBytes, long value);

    PhysicalMemory memory();

    /** One transfer of the master with this stream id; true when it completed as a whole. A read fills {@code data}. */
    boolean transfer(int sid, long iova, byte[] data, boolean write);

    /** Names of the interrupt lines pulsed since the last call. */
    Set<String> takePulses();

    /** What this one has to say about the last steps, for the report of a difference. */
    default String remarks() {
        return "";
    }

    @Override
    void close();

    /** Our model. */
    final class Model implements Specimen {

        private final StandAlone unit;

        Model(StandAlone unit) {
            this.unit = unit;
        }

        @Override
        public long read(long offset, int sizeBytes) {
            return unit.registers().read(offset, sizeBytes);
        }

        @Override
        public void write(long offset, int sizeBytes, long value) {
            unit.registers().write(offset, sizeBytes, value);
        }

        @Override
        public PhysicalMemory memory() {
            return unit.memory();
        }

        @Override
        public boolean transfer(int sid, long iova, byte[] data, boolean write) {
            return unit.transfer(sid, iova, data, write);
        }

        @Override
        public Set<String> takePulses() {
            Set<String> taken = Set.copyOf(unit.pulsed);
            unit.pulsed.clear();
            return taken;
        }

        @Override
        public String remarks() {
            int count = unit.findings.size();
            return unit.lastVerdict() + ", " + unit.findings.subList(Math.max(0, count - 3), count);
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
