package org.latebind.smmu.v3;

import java.util.ArrayList;
import java.util.List;
import org.latebind.driver.Binding;
import org.latebind.driver.Device;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.hardware.Interrupts;
import org.latebind.hardware.Machine;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.FaultHandler;
import org.latebind.iommu.GuestStage1;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.NestedDomain;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.ReservedRegion;
import org.latebind.iommu.Translation;

/** One SMMUv3 under this driver: reset, interrupts, clients, shutdown. Owner's thread only, except for domains' maps. */
final class SmmuV3Unit implements Binding, IommuOps {

    /** Queues and tables: inner shareable, write-back. */
    private static final int CR1_COHERENT = 0xd75;
    /** Private TLB maintenance, record unknown streams. */
    private static final int CR2_VALUE = 6;
    private static final int EVENTS_LOGGED_MAX = 10;
    private static final long SOFTWARE_MSI_BASE = 0x8000000L;
    private static final long SOFTWARE_MSI_BYTES = 0x100000L;
    private static final int GERROR_FIELDS = 0x1fd;
    private static final int GERROR_COMMAND = 1;
    private static final int GERROR_EVENT_ABORT = 1 << 2;
    private static final int GERROR_SERVICE_FAILURE = 1 << 8;

    private final Device device;
    private final Settings settings;
    private final Capabilities capabilities;
    private final RegisterBlock registers;
    private final Probe.Resources resources;
    private final CommandQueue commands;
    private final EventQueue events;
    private final Attachments attachments;
    private final DomainFactory domains;
    private final Batch batch;
    private final List<Interrupts.Request> requests = new ArrayList<>();

    /**
     * Where the queues are.
     *
     * @param commands    address of the command queue
     * @param commandBits log2 of its entries
     * @param events      address of the event queue
     * @param eventBits   log2 of its entries
     * @param completion  how CMD_SYNC is awaited
     */
    record Queues(long commands, int commandBits, long events, int eventBits, CommandQueue.Completion completion) {
    }

    SmmuV3Unit(Device device, Settings settings, Capabilities capabilities, RegisterBlock registers, Probe.Resources resources,
            IdPool asids, Queues queues) {
        this.device = device;
        this.settings = settings;
        this.capabilities = capabilities;
        this.registers = registers;
        this.resources = resources;
        Machine machine = device.machine();
        commands = new CommandQueue(registers, machine.memory(), queues.commands(), queues.commandBits(), queues.completion(),
                this::serveGlobalErrors);
        if (capabilities.errata().forcedSync()) {
            commands.forceSync();
        }
        events = new EventQueue(registers, machine.memory(), queues.events(), queues.eventBits());
        batch = new Batch(commands);
        boolean prefetch = !device.properties().has("hisilicon,broken-prefetch-cmd");
        attachments = new Attachments(machine, resources.table(), capabilities, commands, prefetch);
        domains = new DomainFactory(machine, capabilities, settings, device.properties().has("dma-coherent"), asids, commands,
                attachments);
    }

    /** Resets the hardware and switches translation on; null on success. A failure leaves it disabled. */
    Failed start() {
        Failed failed = reset();
        if (failed != null) {
            releaseInterrupts();
            registers.control(0);
        }
        return failed;
    }

    private Failed reset() {
        if ((registers.control() & RegisterBlock.CR0_SMMUEN) != 0) {
            device.log(Device.LogLevel.WARNING, "SMMU currently enabled! Resetting...");
            registers.bypassAttributes(RegisterBlock.GBPA_ABORT, 0);
        }
        if (!registers.control(0)) {
            return timeout("CR0 = 0");
        }
        registers.attributes(CR1_COHERENT, CR2_VALUE);
        registers.streamTable(resources.table().base(), resources.table().configuration());
        commands.reset();
        int enables = RegisterBlock.CR0_CMDQEN;
        if (!registers.control(enables)) {
            return timeout("CMDQEN");
        }
        if (!dropEverything()) {
            return timeout("CMD_SYNC");
        }
        events.reset();
        enables |= RegisterBlock.CR0_EVTQEN;
        if (!registers.control(enables)) {
            return timeout("EVTQEN");
        }
        connectInterrupts();
        enables |= RegisterBlock.CR0_SMMUEN;
        return registers.control(enables) ? null : timeout("SMMUEN");
    }

    private boolean dropEverything() {
        Commands.configureAll(batch);
        boolean done = batch.submit();
        if (capabilities.hyp()) {
            Commands.invalidateEl2(batch);
            done &= batch.submit();
        }
        Commands.invalidateNonSecure(batch);
        return batch.submit() && done;
    }

    private static Failed timeout(String what) {
        return new Failed(Errno.ETIMEDOUT, what + " was not acknowledged within a second");
    }

    private void connectInterrupts() {
        if (!registers.interrupts(0)) {
            device.log(Device.LogLevel.WARNING, "failed to disable irqs");
        }
        registers.wired(RegisterBlock.GERROR_IRQ_CFG0);
        registers.wired(RegisterBlock.EVENTQ_IRQ_CFG0);
        if (requests.isEmpty()) {
            requestInterrupts();
        }
        if (!registers.interrupts(RegisterBlock.IRQ_EVENTQ | RegisterBlock.IRQ_GERROR)) {
            device.log(Device.LogLevel.WARNING, "failed to enable irqs");
        }
    }

    private void requestInterrupts() {
        List<String> names = device.properties().strings("interrupt-names");
        if (names.contains("combined")) {
            request(names, "combined", this::serveCombined);
        } else {
            request(names, "eventq", this::serveEvents);
            request(names, "gerror", this::serveGlobalErrors);
            if (settings.syncByInterrupt()) {
                request(names, "cmdq-sync", this::serveSync);
            }
        }
    }

    private void request(List<String> names, String name, Interrupts.Handler handler) {
        int index = names.indexOf(name);
        if (index < 0 || index >= device.interruptCount()) {
            device.log(Device.LogLevel.WARNING, "no " + name + " irq - its news are read only while the driver waits");
            return;
        }
        requests.add(device.machine().interrupts().request(device.interruptLine(index), device.path() + " " + name, handler));
    }

    private boolean serveCombined() {
        commands.synced();
        boolean error = serveGlobalErrors();
        return serveEvents() || error;
    }

    private boolean serveSync() {
        commands.synced();
        return true;
    }

    private boolean serveEvents() {
        EventLog log = new EventLog();
        boolean any = events.drain(log);
        log.finish();
        return any;
    }

    /**
     * Asks the domain of the stream what becomes of a fault of translation, and prints what nobody knew, the first of a burst in
     * full. A transaction that waits is tried again or aborted at once.
     */
    private final class EventLog implements EventQueue.Sink {

        private int seen;

        @Override
        public void event(long word0, long word1, long word2, long word3) {
            int sid = (int) (word0 >>> 32);
            boolean held = (word1 >>> 31 & 1) != 0;
            StreamDomain domain = (word0 & 0xfc) == 0x10 ? attachments.domainOf(sid) : null;
            FaultHandler.Answer answer = domain == null ? FaultHandler.Answer.UNHANDLED
                    : domain.fault(new FaultHandler.Fault(sid, word2, (word1 >>> 35 & 1) == 0, held));
            if (answer == FaultHandler.Answer.UNHANDLED) {
                print(word0, word1, word2, word3);
            }
            if ((word0 & 0xfc) == 0x10 && held) {
                Commands.resume(batch, sid, (int) word1 & 0xffff, answer == FaultHandler.Answer.RETRY);
                batch.submit();
            }
        }

        private void print(long word0, long word1, long word2, long word3) {
            seen++;
            if (seen <= EVENTS_LOGGED_MAX) {
                device.log(Device.LogLevel.ERROR, String.format("event 0x%02x received: 0x%016x 0x%016x 0x%016x 0x%016x",
                        word0 & 0xff, word0, word1, word2, word3));
            }
        }

        @Override
        public void overflow() {
            device.log(Device.LogLevel.ERROR, "EVTQ overflow detected -- events lost");
        }

        void finish() {
            if (seen > EVENTS_LOGGED_MAX) {
                device.log(Device.LogLevel.ERROR, (seen - EVENTS_LOGGED_MAX) + " events not shown");
            }
        }
    }

    private boolean serveGlobalErrors() {
        int error = registers.globalErrors();
        int active = (error ^ registers.acknowledgedErrors()) & GERROR_FIELDS;
        if (active == 0) {
            return false;
        }
        device.log(Device.LogLevel.WARNING, "unexpected global error reported (0x" + Integer.toHexString(active)
                + "), this could be serious");
        if ((active & GERROR_SERVICE_FAILURE) != 0) {
            device.log(Device.LogLevel.ERROR, "device has entered Service Failure Mode!");
            registers.control(0);
        }
        if ((active & GERROR_EVENT_ABORT) != 0) {
            device.log(Device.LogLevel.ERROR, "EVTQ write aborted -- events may have been lost");
        }
        if ((active & GERROR_COMMAND) != 0) {
            device.log(Device.LogLevel.ERROR, commands.recover());
        }
        registers.acknowledgeErrors(error);
        return true;
    }

    CommandQueue commandQueue() {
        return commands;
    }

    int eventBits() {
        return events.bits();
    }

    @Override
    public String path() {
        return device.path();
    }

    @Override
    public Translation translate(IommuClient client, int[] cells) {
        return cells.length == 1 ? new Translation.Ids(cells[0])
                : new Translation.Refused(Errno.EINVAL, "a stream id is one cell, got " + cells.length);
    }

    @Override
    public Errno probe(IommuClient client) {
        return attachments.add(client);
    }

    @Override
    public void release(IommuClient client) {
        attachments.remove(client);
    }

    @Override
    public List<ReservedRegion> reservedRegions(IommuClient client) {
        return List.of(new ReservedRegion(SOFTWARE_MSI_BASE, SOFTWARE_MSI_BYTES, 0, ReservedRegion.Kind.SW_MSI));
    }

    @Override
    public Domain allocate(DomainType type, IommuClient first) {
        return switch (type) {
            case IDENTITY -> domains.identity();
            case BLOCKED -> domains.blocked();
            case UNMANAGED, DMA, DMA_FQ -> domains.translated(type);
            case NESTED -> null;
        };
    }

    @Override
    public PagingDomain allocateNestingParent(IommuClient first) {
        return domains.nestingParent();
    }

    @Override
    public NestedDomain allocateNested(PagingDomain parent, GuestStage1 stage1) {
        return domains.nested(parent, stage1);
    }

    @Override
    public Unattached unattached() {
        return settings.disableBypass() ? Unattached.ABORT : Unattached.BYPASS;
    }

    private void releaseInterrupts() {
        for (int i = requests.size() - 1; i >= 0; i--) {
            requests.get(i).close();
        }
        requests.clear();
    }

    @Override
    public void close() {
        // The tables are about to go; with translation off GBPA decides, so it goes on doing what idle entries did.
        boolean set = registers.bypassAttributes(settings.disableBypass() ? RegisterBlock.GBPA_ABORT : 0,
                settings.disableBypass() ? 0 : RegisterBlock.GBPA_ABORT);
        if (!set) {
            device.log(Device.LogLevel.ERROR, "GBPA not responding to update");
        }
        shutdown();
        releaseInterrupts();
        domains.close();
        resources.close();
    }

    @Override
    public void suspend() {
        shutdown();
    }

    @Override
    public void resume() {
        Failed failed = reset();
        if (failed != null) {
            device.log(Device.LogLevel.ERROR, "resume: " + failed.text());
        }
    }

    @Override
    public void shutdown() {
        if (!registers.control(0)) {
            device.log(Device.LogLevel.ERROR, "CR0 = 0 was not acknowledged");
        }
    }
}
