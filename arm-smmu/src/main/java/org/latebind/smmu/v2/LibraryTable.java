package org.latebind.smmu.v2;

import org.latebind.hardware.Machine;
import org.latebind.pagetable.Behaviour;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.PageTableConfig;
import org.latebind.pagetable.PageTableFormat;
import org.latebind.pagetable.PageTables;
import org.latebind.pagetable.Registers;
import org.latebind.pagetable.TlbInvalidation;

/** A page table of the core's library. */
record LibraryTable(PageTable table) implements ContextTable {

    /** Allocates, or returns null when the configuration cannot be served or memory is exhausted. */
    static LibraryTable allocate(ContextPlan plan, long pageSizes, boolean coherent, Machine machine, TlbInvalidation tlb) {
        PageTableFormat format = switch (plan.format()) {
            case AARCH64 -> plan.stage() == 1 ? PageTableFormat.ARM_64_LPAE_S1 : PageTableFormat.ARM_64_LPAE_S2;
            case AARCH32_L -> plan.stage() == 1 ? PageTableFormat.ARM_32_LPAE_S1 : PageTableFormat.ARM_32_LPAE_S2;
            case AARCH32_S -> PageTableFormat.ARM_V7S;
        };
        PageTableConfig config = new PageTableConfig(pageSizes, plan.ias(), plan.oas(), coherent, 0, Behaviour.V7_3);
        PageTable table = PageTables.allocate(format, config, machine.memory(), machine.pages(), tlb);
        return table == null ? null : new LibraryTable(table);
    }

    @Override
    public ContextRegisters.TableValues values() {
        Registers registers = table.registers();
        if (registers instanceof Registers.Stage1 s1) {
            return new ContextRegisters.TableValues(s1.root(), s1.packedLow(), s1.ips(), s1.mair());
        }
        if (registers instanceof Registers.Stage2 s2) {
            return new ContextRegisters.TableValues(s2.root(), s2.packed(), s2.ps(), 0);
        }
        Registers.Short s = (Registers.Short) registers;
        return new ContextRegisters.TableValues(Integer.toUnsignedLong(s.ttbr()), s.tcr(), 0,
                Integer.toUnsignedLong(s.prrr()) | (long) s.nmrr() << 32);
    }

    @Override
    public long pageSizes() {
        return table.config().pageSizes();
    }

    @Override
    public int inputBits() {
        return table.config().ias();
    }

    @Override
    public long map(long iova, long physicalAddress, long pageSize, long pageCount, int prot) {
        return table.mapPages(iova, physicalAddress, pageSize, pageCount, prot);
    }

    @Override
    public long unmap(long iova, long pageSize, long pageCount, Gather gather) {
        return table.unmapPages(iova, pageSize, pageCount, gather);
    }

    @Override
    public long iovaToPhys(long iova) {
        return table.iovaToPhys(iova);
    }

    @Override
    public void close() {
        table.free();
    }
}
