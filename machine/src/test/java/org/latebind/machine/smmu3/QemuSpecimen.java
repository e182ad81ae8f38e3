package org.latebind.machine.smmu3;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Mmio;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.machine.qemu.QemuMachine;
import org.latebind.machine.qemu.QemuSetup;

/** QEMU's SMMUv3 with {@code edu} devices as masters. */
final class QemuSpecimen implements Specimen {

    private static final Map<Integer, String> LINES = Map.of(32 + 74, "eventq", 32 + 75, "priq", 32 + 76, "cmdq-sync",
            32 + 77, "gerror");

    private final QemuMachine machine;
    private final Mmio registers;
    private final Set<String> pulsed = new TreeSet<>();
    private DmaResult lastResult;

    QemuSpecimen(QemuSetup setup) {
        machine = QemuMachine.start(setup);
        registers = machine.map(0x0905_0000L, 0x20000);
        LINES.forEach((line, name) -> machine.interrupts().request(line, name, () -> pulsed.add(name)));
    }

    @Override
    public long read(long offset, int sizeBytes) {
        return sizeBytes == 8 ? registers.read64(offset) : Integer.toUnsignedLong(registers.read32(offset));
    }

    @Override
    public void write(long offset, int sizeBytes, long value) {
        if (sizeBytes == 8) {
            registers.write64(offset, value);
        } else {
            registers.write32(offset, (int) value);
        }
    }

    @Override
    public PhysicalMemory memory() {
        return machine.memory();
    }

    @Override
    public boolean transfer(int sid, long iova, byte[] data, boolean write) {
        DmaMaster master = machine.master(String.format("/pcie@10000000@%04x", sid)).orElseThrow();
        lastResult = write ? master.write(0, iova, data) : master.read(0, iova, data);
        return lastResult.ok();
    }

    @Override
    public String remarks() {
        return String.valueOf(lastResult);
    }

    @Override
    public Set<String> takePulses() {
        Set<String> taken = Set.copyOf(pulsed);
        pulsed.clear();
        return taken;
    }

    @Override
    public void close() {
        machine.close();
    }
}
