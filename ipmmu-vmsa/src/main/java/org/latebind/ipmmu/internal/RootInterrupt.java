package org.latebind.ipmmu.internal;

import java.util.ArrayList;
import java.util.List;
import org.latebind.driver.Device;
import org.latebind.hardware.Interrupts;
import org.latebind.iommu.FaultHandler;

/**
 * The interrupt of a root (IPMMU sheet, section 4.8): one line for all contexts, which other devices may share. For each
 * context in use with a fault: address first, then status cleared by writing 0 (which also drops the address), then the
 * report. Every fault is served; a storm of them is told ten lines at a time, with the number of those left out.
 */
final class RootInterrupt implements Interrupts.Handler {

    private static final int FAULTS = RegisterBlock.IMSTR_TF | RegisterBlock.IMSTR_PF | RegisterBlock.IMSTR_ABORT
            | RegisterBlock.IMSTR_MHIT;
    private static final int ERRLVL_SHIFT = 12;
    private static final int UNKNOWN_STREAM = -1;

    private final Instance root;
    private final RateLimit limit;

    RootInterrupt(Instance root) {
        this.root = root;
        this.limit = new RateLimit(root.device().machine().delay());
    }

    private record Report(Instance.ContextUser user, int status, long address) {
    }

    /** An abort or a multiple hit alone is cleared and told, yet counts as "not mine", as in Linux. */
    @Override
    public boolean handle() {
        List<Report> reports = new ArrayList<>();
        synchronized (root.lock()) {
            for (int c = 0; c < root.features().contexts; c++) {
                if (root.user(c) != null) {
                    collect(c, reports);
                }
            }
        }
        boolean handled = false;
        for (Report report : reports) {
            tell(report);
            handled |= (report.status & (RegisterBlock.IMSTR_PF | RegisterBlock.IMSTR_TF)) != 0;
        }
        return handled;
    }

    /** The hardware says neither which stream it was nor whether it wrote; the transaction is gone already. */
    private void tell(Report report) {
        int grave = RegisterBlock.IMSTR_MHIT | RegisterBlock.IMSTR_ABORT;
        if ((report.status & ~grave & FAULTS) != 0) {
            FaultHandler.Answer answer = report.user.fault(new FaultHandler.Fault(UNKNOWN_STREAM, report.address, false, false));
            if (answer != FaultHandler.Answer.UNHANDLED && (report.status & grave) == 0) {
                return;
            }
        }
        if (limit.permits()) {
            int left = limit.takeLeftOut();
            String before = left == 0 ? "" : left + " faults before this one were not told; ";
            report.user.reporter().log(Device.LogLevel.ERROR, before + describe(report));
        }
    }

    private void collect(int context, List<Report> reports) {
        RegisterBlock registers = root.registers();
        int status = registers.readContext(context, RegisterBlock.IMSTR);
        if ((status & FAULTS) == 0) {
            return;
        }
        long address = Integer.toUnsignedLong(registers.readContext(context, RegisterBlock.IMELAR));
        if (root.features().cacheLeafNodes) {
            address |= (long) registers.readContext(context, RegisterBlock.IMEUAR) << 32;
        }
        registers.writeContext(context, RegisterBlock.IMSTR, 0);
        if (root.flavour() == Flavour.BSP && (status & (RegisterBlock.IMSTR_PF | RegisterBlock.IMSTR_TF)) != 0) {
            // For hardware that caches invalid translations; mainline trusts that it does not.
            new Sequences(root).flush(context, root.user(context).leaves(), root.device());
        }
        reports.add(new Report(root.user(context), status, address));
    }

    private static String describe(Report report) {
        StringBuilder kinds = new StringBuilder();
        append(kinds, report.status, RegisterBlock.IMSTR_MHIT, "multiple TLB hits");
        append(kinds, report.status, RegisterBlock.IMSTR_ABORT, "abort on table walk");
        append(kinds, report.status, RegisterBlock.IMSTR_PF, "permission fault");
        append(kinds, report.status, RegisterBlock.IMSTR_TF, "translation fault");
        return String.format("%s at iova 0x%x, status 0x%08x, level %d: %s", kinds, report.address, report.status,
                report.status >>> ERRLVL_SHIFT & 3, report.user.describe());
    }

    private static void append(StringBuilder kinds, int status, int bit, String name) {
        if ((status & bit) != 0) {
            kinds.append(kinds.length() == 0 ? "" : ", ").append(name);
        }
    }
}
