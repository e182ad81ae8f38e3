package org.latebind.smmu.v3;

import java.util.List;
import org.latebind.driver.Device;
import org.latebind.driver.DeviceProperties;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.Machine;
import org.latebind.hardware.PageAllocator;

/** One probe: checks the node, reads the identification, allocates, resets. A failure gives everything back. */
final class Probe {

    private static final long WINDOW_BYTES = 0x20000;
    private static final long WINDOW_BYTES_BROKEN = 0x10000;
    /** Largest command queue: 1 MiB, what the kernel's page allocator gives with its usual settings. */
    private static final int COMMAND_BITS_MAX = 16;
    private static final int COMMAND_BITS_MIN = 7;

    private final Device device;
    private final Settings settings;
    private final IdPool asids;

    Probe(Device device, Settings settings, IdPool asids) {
        this.device = device;
        this.settings = settings;
        this.asids = asids;
    }

    ProbeResult run() {
        DeviceProperties node = device.properties();
        int[] cells = node.cells("#iommu-cells");
        if (cells.length != 1 || cells[0] != 1) {
            return ProbeResult.failed(Errno.EINVAL, "#iommu-cells must be 1");
        }
        boolean brokenPage1 = node.has("cavium,cn9900-broken-page1-regspace");
        long needed = brokenPage1 ? WINDOW_BYTES_BROKEN : WINDOW_BYTES;
        if (device.registerCount() < 1 || device.registerSize(0) < needed) {
            return ProbeResult.failed(Errno.EINVAL, "register window smaller than 0x" + Long.toHexString(needed) + " bytes");
        }
        RegisterBlock registers = new RegisterBlock(device.registers(0), device.machine().delay(), brokenPage1);
        int idr0 = registers.idr0();
        int idr1 = registers.idr1();
        Failed refusal = Capabilities.refusal(idr0, idr1);
        if (refusal != null) {
            return refusal;
        }
        Capabilities capabilities = Capabilities.of(idr0, idr1, registers.idr3(), registers.idr5(), Errata.of(registers.iidr()));
        if (capabilities.commandBits() < COMMAND_BITS_MIN) {
            return ProbeResult.failed(Errno.ENXIO, "command queue of 2^" + capabilities.commandBits() + " entries is too small");
        }
        announce(capabilities, idr0);
        return allocate(registers, capabilities);
    }

    private void announce(Capabilities c, int idr0) {
        boolean coherent = device.properties().has("dma-coherent");
        if (coherent != ((idr0 >>> 4 & 1) != 0)) {
            device.log(Device.LogLevel.WARNING, "IDR0.COHACC overridden by the firmware's dma-coherent (" + coherent + ")");
        }
        if (c.ats()) {
            device.log(Device.LogLevel.INFO, "ATS left off: no master here keeps translations of its own");
        }
        device.log(Device.LogLevel.INFO, (c.stage1() ? "stage 1, " : "") + (c.stage2() ? "stage 2, " : "")
                + c.streamBits() + " stream id bits, " + c.asidBits() + " ASID bits, " + c.outputBits() + " output address bits");
    }

    private ProbeResult allocate(RegisterBlock registers, Capabilities capabilities) {
        Resources resources = new Resources(device.machine());
        long commands = resources.queue(Math.min(capabilities.commandBits(), COMMAND_BITS_MAX), CommandQueue.ENTRY_BYTES,
                capabilities.outputBits());
        int commandBits = resources.lastBits();
        long events = resources.queue(Math.min(capabilities.eventBits(), settings.eventBits()), EventQueue.ENTRY_BYTES,
                capabilities.outputBits());
        int eventBits = resources.lastBits();
        StreamTable table = commands == PageAllocator.NONE || events == PageAllocator.NONE ? null
                : StreamTable.allocate(device.machine().memory(), device.machine().pages(), capabilities,
                        settings.disableBypass());
        if (table == null) {
            resources.close();
            return ProbeResult.failed(Errno.ENOMEM, "no memory for queues and stream table");
        }
        resources.table(table);
        SmmuV3Unit unit = new SmmuV3Unit(device, settings, capabilities, registers, resources, asids,
                new SmmuV3Unit.Queues(commands, commandBits, events, eventBits, completion(capabilities)));
        Failed failed = unit.start();
        if (failed != null) {
            resources.close();
            return failed;
        }
        return ProbeResult.bound(unit).withIommu(unit);
    }

    private CommandQueue.Completion completion(Capabilities c) {
        List<String> names = device.properties().strings("interrupt-names");
        if (settings.syncByInterrupt() && (names.contains("cmdq-sync") || names.contains("combined"))) {
            return CommandQueue.Completion.INTERRUPT;
        }
        boolean message = c.msi() && device.properties().has("dma-coherent") && !settings.disableMsiPolling();
        return message ? CommandQueue.Completion.MESSAGE : CommandQueue.Completion.CONSUMER;
    }

    /** Memory of one unit; {@link #close} gives it back in reverse order. */
    static final class Resources implements AutoCloseable {

        private static final int QUEUE_BITS_MIN = 7;

        private final Machine machine;
        private final long[] addresses = new long[2];
        private final long[] sizes = new long[2];
        private int count;
        private int lastBits;
        private StreamTable table;

        Resources(Machine machine) {
            this.machine = machine;
        }

        /** Allocates a queue, halved until it fits; {@link PageAllocator#NONE} when nothing does. */
        long queue(int bits, int entryBytes, int addressBits) {
            for (int b = bits; b >= Math.min(bits, QUEUE_BITS_MIN); b--) {
                long bytes = (long) entryBytes << b;
                long address = machine.pages().allocate(bytes, bytes, addressBits);
                if (address != PageAllocator.NONE) {
                    addresses[count] = address;
                    sizes[count++] = bytes;
                    lastBits = b;
                    return address;
                }
            }
            return PageAllocator.NONE;
        }

        int lastBits() {
            return lastBits;
        }

        void table(StreamTable value) {
            table = value;
        }

        StreamTable table() {
            return table;
        }

        @Override
        public void close() {
            if (table != null) {
                table.free();
            }
            while (count > 0) {
                count--;
                machine.pages().free(addresses[count], sizes[count]);
            }
        }
    }
}
