package org.latebind.ipmmu.internal;

import java.util.ArrayList;
import java.util.List;
import org.latebind.driver.Device;
import org.latebind.driver.Errno;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.FaultHandler;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.PagingDomain;
import org.latebind.pagetable.Behaviour;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.PageTableConfig;
import org.latebind.pagetable.PageTableFormat;
import org.latebind.pagetable.PageTables;
import org.latebind.pagetable.Quirks;
import org.latebind.pagetable.Registers;
import org.latebind.pagetable.TlbInvalidation;

/**
 * A stage 1 domain: one context of the root, one leaf, one table of 32-bit addresses. It takes its context at the first
 * attach and keeps it until it is closed; before that it maps nothing ({@code -ENODEV}). IPMMU sheet, sections 4.2, 4.3, 4.7,
 * 4.12 and 5.1.
 */
final class IpmmuDomain implements PagingDomain, Instance.ContextUser {

    private static final long PAGE_SIZES = 1L << 12 | 1L << 21 | 1L << 30;
    private static final int INPUT_BITS = 32;
    private static final int OUTPUT_BITS = 40;
    private static final long INPUT_END = 0xFFFF_FFFFL;
    private static final long ARM_MAPPING_START = 0x4000_0000L;
    private static final long ARM_MAPPING_END = 0xBFFF_FFFFL;

    private final DomainType type;
    private final Instances instances;
    /** The one mapping of an IPMMU under a 32-bit kernel: 2 GiB from 0x40000000 on, so that address 0 faults. */
    private final boolean armMapping;
    private final List<IommuClient> clients = new ArrayList<>();
    private Instance leaf;
    private Sequences sequences;
    private int context = Instance.NO_CONTEXT;
    private PageTable table;
    private String refusal = "no context";
    private FaultHandler faultHandler = FaultHandler.NONE;

    /** Makes a domain for the clients of an instance; a DMA domain of a 32-bit SoC is its ARM mapping (section 4.12). */
    IpmmuDomain(DomainType type, Instances instances, Features features) {
        this.type = type;
        this.instances = instances;
        this.armMapping = features == Features.GEN2 && type != DomainType.UNMANAGED;
    }

    @Override
    public DomainType type() {
        return type;
    }

    @Override
    public Errno attach(IommuClient client) {
        Instance wanted = client.iommuPath() == null ? null : instances.find(client.iommuPath());
        if (wanted == null || wanted.root().gone()) {
            return Errno.ENXIO;
        }
        if (leaf != null && leaf != wanted) {
            return Errno.EINVAL;
        }
        if (leaf == null) {
            Errno error = start(wanted);
            if (error != null) {
                refusal = error == Errno.EBUSY ? exhausted(wanted) : "no page table for " + client.path();
                wanted.device().log(Device.LogLevel.ERROR, refusal);
                return error;
            }
            wanted.device().log(Device.LogLevel.INFO, "Using IPMMU context " + context);
        } else {
            wanted.device().log(Device.LogLevel.INFO, "Reusing IPMMU context " + context);
        }
        for (int i = 0; i < client.idCount(); i++) {
            leaf.enableUtlb(client.id(i), context);
        }
        // A client that comes from another domain goes over without a moment in which it is untranslated.
        IpmmuDomain previous = instances.attachment(client);
        if (previous != null) {
            previous.detach(client);
        }
        clients.add(client);
        instances.attachment(client, this);
        return null;
    }

    /** Who is in the way, in words. */
    private static String exhausted(Instance wanted) {
        return "all " + wanted.root().features().usableContexts() + " contexts of " + wanted.root().path()
                + " are in use: the devices behind " + wanted.path() + " cannot be translated";
    }

    private Errno start(Instance wanted) {
        Instance root = wanted.root();
        int free = root.allocateContext(this);
        if (free == Instance.NO_CONTEXT) {
            return Errno.EBUSY;
        }
        leaf = wanted;
        sequences = new Sequences(root);
        context = free;
        PageTableConfig config = new PageTableConfig(PAGE_SIZES, INPUT_BITS, OUTPUT_BITS, false, Quirks.ARM_NS, Behaviour.V6_12);
        table = PageTables.allocate(PageTableFormat.ARM_32_LPAE_S1, config, root.device().machine().memory(),
                root.device().machine().pages(), new Invalidation());
        if (table == null) {
            root.freeContext(free);
            forget();
            return Errno.EINVAL;
        }
        restore();
        return null;
    }

    private void forget() {
        leaf = null;
        sequences = null;
        context = Instance.NO_CONTEXT;
        table = null;
    }

    /** The context's registers; the FLUSH at the end is not waited for. */
    @Override
    public void restore() {
        RegisterBlock root = leaf.root().registers();
        Features features = leaf.root().features();
        Registers.Stage1 values = (Registers.Stage1) table.registers();
        synchronized (leaf.lock()) {
            root.writeContext(context, RegisterBlock.IMTTLBR0, (int) values.root());
            root.writeContext(context, RegisterBlock.IMTTUBR0, (int) (values.root() >>> 32));
            root.writeContext(context, RegisterBlock.IMTTBCR, ttbcr(features));
            root.writeContext(context, RegisterBlock.IMMAIR0, (int) values.mair());
            if (features.setupImbuscr) {
                root.writeContext(context, RegisterBlock.IMBUSCR, root.readContext(context, RegisterBlock.IMBUSCR)
                        & ~(RegisterBlock.IMBUSCR_DVM | RegisterBlock.IMBUSCR_BUSSEL));
            }
            root.writeContext(context, RegisterBlock.IMSTR, root.readContext(context, RegisterBlock.IMSTR));
            sequences.writeAll(context, List.of(leaf),
                    RegisterBlock.IMCTR_INTEN | RegisterBlock.IMCTR_FLUSH | RegisterBlock.IMCTR_MMUEN);
        }
    }

    private static int ttbcr(Features features) {
        return RegisterBlock.IMTTBCR_EAE
                | (features.twobitSl0 ? RegisterBlock.IMTTBCR_SL0_LEVEL1_TWOBIT : RegisterBlock.IMTTBCR_SL0_LEVEL1)
                | (features.cacheSnoop ? RegisterBlock.IMTTBCR_SNOOP : 0);
    }

    @Override
    public void detach(IommuClient client) {
        if (!clients.remove(client)) {
            return;
        }
        instances.attachment(client, null);
        for (int i = 0; i < client.idCount(); i++) {
            leaf.disableUtlb(client.id(i));
        }
    }

    /** The root goes away under live clients: leaf first, so that nothing is left on a dead context. */
    @Override
    public void abandon() {
        leaf.cutUtlbs(context);
        synchronized (leaf.lock()) {
            sequences.stop(context, List.of(leaf), leaf.device());
        }
    }

    @Override
    public void close() {
        if (leaf == null) {
            return;
        }
        if (!leaf.root().gone()) {
            synchronized (leaf.lock()) {
                sequences.stop(context, List.of(leaf), leaf.device());
            }
        }
        leaf.root().freeContext(context);
        PageTable last = table;
        // From here on the table's last invalidation has nothing to do: the context is off.
        forget();
        last.free();
    }

    @Override
    public String describe() {
        if (leaf == null) {
            return refusal;
        }
        StringBuilder text = new StringBuilder("context ").append(context).append(", ").append(leaf.path());
        for (int i = 0; i < clients.size(); i++) {
            text.append(i == 0 ? ", clients " : ", ").append(clients.get(i).path());
        }
        return text.toString();
    }

    @Override
    public Device reporter() {
        return leaf.device();
    }

    @Override
    public boolean faultHandler(FaultHandler handler) {
        faultHandler = handler;
        return true;
    }

    @Override
    public FaultHandler.Answer fault(FaultHandler.Fault fault) {
        return faultHandler.fault(fault);
    }

    @Override
    public List<Instance> leaves() {
        return List.of(leaf);
    }

    @Override
    public long pageSizes() {
        return PAGE_SIZES;
    }

    @Override
    public long apertureStart() {
        return armMapping ? ARM_MAPPING_START : 0;
    }

    @Override
    public long apertureEnd() {
        return armMapping ? ARM_MAPPING_END : INPUT_END;
    }

    @Override
    public long map(long iova, long physicalAddress, long pageSize, long pageCount, int prot) {
        return table == null ? -Errno.ENODEV.number() : table.mapPages(iova, physicalAddress, pageSize, pageCount, prot);
    }

    @Override
    public long unmap(long iova, long pageSize, long pageCount, Gather gather) {
        return table == null ? 0 : table.unmapPages(iova, pageSize, pageCount, gather);
    }

    @Override
    public long iovaToPhys(long iova) {
        return table == null ? 0 : table.iovaToPhys(iova);
    }

    @Override
    public PageTable pageTable() {
        return table;
    }

    /** The hardware knows no selective invalidation: the whole context goes. */
    @Override
    public void sync(Gather gather) {
        flushAll();
    }

    @Override
    public void flushAll() {
        Instance at = leaf;
        if (at != null && !at.root().gone()) {
            synchronized (at.lock()) {
                sequences.flush(context, List.of(at), at.device());
            }
        }
    }

    /** What the table asks for in the middle of an unmap. */
    private final class Invalidation implements TlbInvalidation {

        @Override
        public void flushAll() {
            IpmmuDomain.this.flushAll();
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
            IpmmuDomain.this.flushAll();
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
            if (gather != null) {
                gather.add(iova, granule, granule);
            }
        }
    }
}
