package org.latebind.smmu.v3;

import org.latebind.hardware.Machine;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.GuestStage1;
import org.latebind.iommu.NestedDomain;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.pagetable.Behaviour;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.PageTableConfig;
import org.latebind.pagetable.PageTableFormat;
import org.latebind.pagetable.PageTables;
import org.latebind.pagetable.Registers;
import org.latebind.pagetable.TlbInvalidation;

/** Makes domains: chooses the stage, numbers them, builds their tables. Owner's thread only. */
final class DomainFactory {

    /** An outer stage 2 maps this much 1:1; bigger machines are not offered nesting. */
    private static final int OUTER_BITS = 40;

    private final Machine machine;
    private final Capabilities capabilities;
    private final Settings settings;
    private final boolean coherent;
    private final IdPool asids;
    private final IdPool vmids = new IdPool();
    private final CommandQueue queue;
    private final Attachments attachments;
    private PageTable outer;
    private int outerVmid;

    DomainFactory(Machine machine, Capabilities capabilities, Settings settings, boolean coherent, IdPool asids,
            CommandQueue queue, Attachments attachments) {
        this.machine = machine;
        this.capabilities = capabilities;
        this.settings = settings;
        this.coherent = coherent;
        this.asids = asids;
        this.queue = queue;
        this.attachments = attachments;
    }

    StreamDomain identity() {
        return new StaticDomain(attachments, DomainType.IDENTITY, TableEntry.bypass(capabilities));
    }

    StreamDomain blocked() {
        return new StaticDomain(attachments, DomainType.BLOCKED, TableEntry.abort());
    }

    /** A translated domain, or null when the stage is not there, or numbers or memory are exhausted. */
    StreamDomain translated(DomainType type) {
        boolean nested = settings.forceStage() == Settings.NESTED;
        boolean stage2Only = settings.forceStage() == Settings.STAGE_2 || !capabilities.stage1();
        if (stage2Only || nested) {
            if (!capabilities.stage2() || nested && (!capabilities.stage1() || !prepareOuter())) {
                return null;
            }
        }
        return stage2Only ? stage2(type) : stage1(type, nested);
    }

    /** A stage 2 that guests' stages 1 can stand on, or null. */
    PagingDomain nestingParent() {
        if (!capabilities.nesting()) {
            return null;
        }
        TranslationDomain domain = (TranslationDomain) stage2(DomainType.UNMANAGED);
        if (domain != null) {
            domain.becomeNestingParent();
        }
        return domain;
    }

    /** A guest's stage 1 on a parent of ours, or null when either is of another kind. */
    NestedDomain nested(PagingDomain parent, GuestStage1 stage1) {
        boolean ours = parent instanceof TranslationDomain p && p.nestingParent();
        return ours && stage1 instanceof GuestStage1.ContextDescriptor descriptor
                ? new GuestDomain(attachments, (TranslationDomain) parent, descriptor.address(), capabilities, new Batch(queue)) : null;
    }

    private StreamDomain stage1(DomainType type, boolean nested) {
        int asid = asids.take(1, capabilities.asidBits());
        if (asid == IdPool.NONE) {
            return null;
        }
        Registers.Stage2 outerRegisters = nested ? (Registers.Stage2) outer.registers() : null;
        TranslationDomain.Identity identity = new TranslationDomain.Identity(asid, nested ? outerVmid : 0, outerRegisters,
                () -> asids.give(asid));
        int outputBits = nested ? Math.min(OUTER_BITS, capabilities.outputBits()) : capabilities.outputBits();
        return withTable(type, identity, PageTableFormat.ARM_64_LPAE_S1, settings.inputBits(), outputBits);
    }

    private StreamDomain stage2(DomainType type) {
        int vmid = vmids.take(1, capabilities.vmidBits());
        if (vmid == IdPool.NONE) {
            return null;
        }
        TranslationDomain.Identity identity = new TranslationDomain.Identity(IdPool.NONE, vmid, null, () -> vmids.give(vmid));
        return withTable(type, identity, PageTableFormat.ARM_64_LPAE_S2,
                Math.min(settings.inputBits(), capabilities.outputBits()), capabilities.outputBits());
    }

    private StreamDomain withTable(DomainType type, TranslationDomain.Identity identity, PageTableFormat format, int inputBits,
            int outputBits) {
        TranslationDomain domain = new TranslationDomain(attachments, type, capabilities, identity, new Batch(queue));
        PageTable table = allocate(format, inputBits, outputBits, domain);
        if (table == null) {
            identity.giveBack().run();
            return null;
        }
        domain.table(table);
        return domain;
    }

    private PageTable allocate(PageTableFormat format, int inputBits, int outputBits, TlbInvalidation invalidation) {
        PageTableConfig config = new PageTableConfig(settings.pageSizes(capabilities.pageSizes()), inputBits, outputBits,
                coherent, 0, Behaviour.V6_12);
        return PageTables.allocate(format, config, machine.memory(), machine.pages(), invalidation);
    }

    /** Builds the stage 2 that nested domains share: everything 1:1. */
    private boolean prepareOuter() {
        if (outer != null) {
            return true;
        }
        outerVmid = vmids.take(1, capabilities.vmidBits());
        int bits = Math.min(OUTER_BITS, capabilities.outputBits());
        outer = outerVmid == IdPool.NONE ? null : allocate(PageTableFormat.ARM_64_LPAE_S2, bits, bits, new Silent());
        if (outer == null) {
            return false;
        }
        long block = Long.highestOneBit(outer.config().pageSizes());
        for (long address = 0; address < 1L << bits;) {
            long mapped = outer.mapPages(address, address, block, (1L << bits) - address >>> Long.numberOfTrailingZeros(block),
                    Protection.READ | Protection.WRITE | Protection.CACHE);
            if (mapped <= 0) {
                return false;
            }
            address += mapped;
        }
        return true;
    }

    /** Frees what domains shared. All domains are closed, the SMMU is off. */
    void close() {
        if (outer != null) {
            outer.free();
            vmids.give(outerVmid);
            outer = null;
        }
    }

    /** The outer table is never changed while it is used, and freed only after the SMMU was switched off. */
    private static final class Silent implements TlbInvalidation {

        @Override
        public void flushAll() {
            // The next probe drops everything before it translates.
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
            // Blocks only: no table is ever removed.
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
            // Nothing is unmapped.
        }
    }
}
