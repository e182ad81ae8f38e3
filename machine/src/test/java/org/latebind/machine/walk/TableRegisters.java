package org.latebind.machine.walk;

import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.PageTableFormat;
import org.latebind.pagetable.Quirks;
import org.latebind.pagetable.Registers;

/** Configures the walker as hardware would be: from the register values of a table, nothing else. */
final class TableRegisters {

    private TableRegisters() {
    }

    static WalkConfig walkOf(PageTable table) {
        if (table.registers() instanceof Registers.Stage1 r) {
            if (table.format() == PageTableFormat.ARM_32_LPAE_S1) {
                return LongWalk.aarch32Stage1(r.root(), r.tsz());
            }
            int output = LongWalk.outputBitsOf(r.ips());
            return table.config().has(Quirks.ARM_TTBR1)
                    ? LongWalk.stage1Upper(r.root(), LongWalk.pageShiftOfTg1(r.tg()), 64 - r.tsz(), output)
                    : LongWalk.stage1(r.root(), LongWalk.pageShiftOfTg0(r.tg()), 64 - r.tsz(), output);
        }
        if (table.registers() instanceof Registers.Stage2 r) {
            int pageShift = LongWalk.pageShiftOfTg0(r.tg());
            return LongWalk.stage2(r.root(), pageShift, 64 - r.tsz(), LongWalk.startLevel(pageShift, r.sl()),
                    LongWalk.outputBitsOf(r.ps()));
        }
        return new ShortWalk(Integer.toUnsignedLong(((Registers.Short) table.registers()).ttbr()), 0, 0,
                table.config().has(Quirks.NO_PERMS));
    }
}
