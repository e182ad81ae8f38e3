package org.latebind.machine.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Interrupts;
import org.latebind.hardware.Machine;
import org.latebind.hardware.Mmio;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.machine.memory.MemoryAllocator;
import org.latebind.machine.memory.MemoryRange;

/**
 * QEMU's {@code virt} machine as hardware: SMMUv3, PCI host, {@code edu} devices as DMA masters. No guest runs.
 *
 * <p>Thread safe: one access at a time. Interrupt handlers run after the access that raised them, on the executor given to
 * {@link Interrupts#runHandlersOn}. QEMU ends with {@link #close()}, with this virtual machine, and when this process is killed.
 */
public final class QemuMachine implements Machine, AutoCloseable {

    private static final long RAM_BASE = 0x4000_0000L;
    /** QEMU's tree and the idle loop live below. */
    private static final long FREE_OFFSET = 0x0100_0000L;
    private static final long MIB = 1 << 20;
    private static final long ECAM = 0x40_1000_0000L;
    private static final long BAR_BASE = 0x1000_0000L;
    private static final int BAR_BYTES = 1 << 20;
    private static final int BAR0 = 0x10;
    private static final int COMMAND = 0x04;
    private static final int MEMORY_AND_MASTER = 6;
    private static final int EDU = 0x11e81234;
    private static final long SMMU_BASE = 0x0905_0000L;
    private static final long SMMU_BYTES = 0x20000;
    private static final int CONTROLLERS_TRIED = 4;

    private final QemuProcess process;
    private final QtestChannel qtest;
    private final QemuInterrupts interrupts = new QemuInterrupts();
    private final QemuMemory memory;
    private final MemoryAllocator pages;
    private final DeviceTree tree;
    private final Map<String, DmaMaster> masters = new LinkedHashMap<>();

    private QemuMachine(QemuSetup setup, QemuProcess process, DeviceTree tree) {
        this.process = process;
        this.tree = tree;
        qtest = new QtestChannel(process.channel(), interrupts::raise);
        memory = new QemuMemory(qtest, RAM_BASE, setup.memoryMib() * MIB);
        pages = new MemoryAllocator(memory, List.of(
                new MemoryRange(RAM_BASE + FREE_OFFSET, setup.memoryMib() * MIB - FREE_OFFSET)));
        interceptInterrupts();
        Node host = tree.findCompatible("pci-host-ecam-generic").get(0);
        TranslationTrace trace = new TranslationTrace(process.trace());
        for (int slot : setup.slots()) {
            addMaster(host, slot, trace);
        }
    }

    /**
     * Starts QEMU.
     *
     * @throws QemuException when it is not installed or does not start; the message says which
     */
    public static QemuMachine start(QemuSetup setup) {
        setup.unavailable().ifPresent(reason -> {
            throw new QemuException(reason);
        });
        QemuProcess process = null;
        Path folder = null;
        try {
            folder = Files.createTempDirectory("latebind-qemu");
            DeviceTree tree = setup.deviceTree();
            process = QemuProcess.start(setup, folder);
            return new QemuMachine(setup, process, tree);
        } catch (IOException | RuntimeException e) {
            if (process != null) {
                process.close();
            } else if (folder != null) {
                QemuProcess.delete(folder);
            }
            throw e instanceof QemuException known ? known : new QemuException("cannot start " + setup.program(), e);
        }
    }

    /** Finds the interrupt controller; its number among QEMU's unattached devices depends on the machine. */
    private void interceptInterrupts() {
        for (int device = 1;; device++) {
            try {
                qtest.execute("irq_intercept_in /machine/unattached/device[" + device + "]");
                return;
            } catch (QemuException e) {
                if (device == CONTROLLERS_TRIED) {
                    throw e;
                }
            }
        }
    }

    private void addMaster(Node host, int slot, TranslationTrace trace) {
        Mmio configuration = map(ECAM + ((long) slot << 15), 0x1000);
        if (configuration.read32(0) != EDU) {
            throw new QemuException("no edu device in PCI slot " + slot);
        }
        long bar = BAR_BASE + (long) slot * BAR_BYTES;
        configuration.write32(BAR0, (int) bar);
        configuration.write32(COMMAND, MEMORY_AND_MASTER);
        String path = host.path() + "@" + Integer.toHexString(slot << 3);
        masters.put(path, new EduMaster(path, map(bar, BAR_BYTES), map(SMMU_BASE, SMMU_BYTES), memory, pages, trace));
    }

    /** The board: QEMU's own device tree. */
    public DeviceTree tree() {
        return tree;
    }

    /** Process id of QEMU's parent, the shell that ends it when our end of its pipe closes. */
    public long pid() {
        return process.pid();
    }

    @Override
    public String backend() {
        return "qemu";
    }

    @Override
    public PhysicalMemory memory() {
        return memory;
    }

    @Override
    public PageAllocator pages() {
        return pages;
    }

    @Override
    public Mmio map(long address, long sizeBytes) {
        return new QemuMmio(qtest, interrupts, address, sizeBytes);
    }

    @Override
    public Interrupts interrupts() {
        return interrupts;
    }

    @Override
    public Optional<DmaMaster> master(String devicePath) {
        // A requester id may be written with leading zeros.
        return Optional.ofNullable(masters.get(devicePath.replaceFirst("@0+(?=[0-9a-f]+$)", "@")));
    }

    /** All masters, in the order of their slots. */
    public List<DmaMaster> masters() {
        return List.copyOf(masters.values());
    }

    @Override
    public Delay delay() {
        return new Delay() {
            @Override
            public void micros(long micros) {
                // QEMU's devices work while a command runs: asking for anything lets pending news arrive.
                qtest.execute("endianness");
                interrupts.dispatch();
            }

            @Override
            public long nanos() {
                return System.nanoTime();
            }
        };
    }

    /** QEMU forgives: nothing is ever reported. */
    @Override
    public List<Finding> findings() {
        return List.of();
    }

    @Override
    public void close() {
        process.close();
    }
}
