package org.latebind.machine.smmu2;

import org.latebind.hardware.PhysicalMemory;
import org.latebind.machine.walk.Access;
import org.latebind.machine.walk.ShortWalk;
import org.latebind.machine.walk.WalkResult;
import org.latebind.machine.walk.Walker;

/**
 * Walks long-descriptor tables: VMSAv8-64 with all granules and AArch32 LPAE, both stages (Arm DDI 0487, chapter D8; DDI
 * 0406C, chapter B3); short descriptors are handed on. Written from the descriptor
 * format alone, so that it judges what a driver wrote.
 */
final class TableWalker implements PageWalker {

    private static final int LAST_LEVEL = 3;
    private static final long TABLE_READ_ONLY = 1L << 62;

    private final PhysicalMemory memory;

    TableWalker(PhysicalMemory memory) {
        this.memory = memory;
    }

    /** Where a walk starts and how it goes on. */
    private record Geometry(int pageShift, int inputBits, int startLevel, long root, boolean disabled, long base) {

        int bitsPerLevel() {
            return pageShift - 3;
        }

        int shift(int level) {
            return pageShift + (LAST_LEVEL - level) * bitsPerLevel();
        }

        boolean contains(long address) {
            return address - base >>> inputBits == 0;
        }

        long index(int level, long offset) {
            int width = level == startLevel ? inputBits - shift(level) : bitsPerLevel();
            return offset >>> shift(level) & (1L << width) - 1;
        }

        boolean blocksAt(int level) {
            return level == 2 || level == 1 && pageShift == 12;
        }
    }

    @Override
    public Walk walk(Regime regime, long address, Tlb.CachedTable cached, Fetch fetch) {
        if (regime.format() == Regime.Format.SHORT) {
            return shortDescriptors(regime, address);
        }
        Geometry g = geometry(regime, address);
        if (g == null || g.disabled() || !g.contains(address) || g.inputBits() <= g.pageShift()) {
            return Walk.fault(Offsets.TF, g == null ? 0 : Math.max(0, g.startLevel()));
        }
        long offset = address - g.base();
        int level = cached == null ? g.startLevel() : cached.level();
        long table = cached == null ? g.root() : cached.table();
        boolean readOnly = false;
        while (true) {
            long at = fetch.physical(table + 8 * g.index(level, offset));
            if (at == -1 || !memory.isMemory(at, 8)) {
                return new Walk(Offsets.EF, level, true, null, null);
            }
            long descriptor = memory.read64(at);
            boolean valid = (descriptor & 1) != 0;
            boolean tableOrPage = (descriptor & 2) != 0;
            boolean block = valid && !tableOrPage;
            if (!valid || block && (level == LAST_LEVEL || !g.blocksAt(level))) {
                return Walk.fault(Offsets.TF, level, last(g, level, address, table));
            }
            if (level == LAST_LEVEL || block) {
                return leaf(regime, g, level, address, descriptor, readOnly, last(g, level, address, table));
            }
            readOnly |= regime.stage() == 1 && (descriptor & TABLE_READ_ONLY) != 0;
            table = output(descriptor, g.pageShift());
            if (beyond(regime, table)) {
                return new Walk(Offsets.ASF, level, true, null, null);
            }
            level++;
        }
    }

    private Walk shortDescriptors(Regime regime, long address) {
        if (address >>> 32 != 0) {
            return Walk.fault(Offsets.TF, 1);
        }
        ShortWalk config = new ShortWalk(regime.ttbr0() & 0xffffffffL, regime.ttbr1() & 0xffffffffL, regime.tcr() & 7, false);
        WalkResult r = Walker.walk(memory, config, address, Access.PRIVILEGED_READ);
        return switch (r.fault()) {
            case NONE -> Walk.of(new TlbEntry(address & -r.pageBytes(), r.pageBytes(), r.address() & -r.pageBytes(), true,
                    r.writable()), r.level(), null);
            case EXTERNAL_ABORT -> new Walk(Offsets.EF, r.level(), true, null, null);
            case TRANSLATION -> Walk.fault(Offsets.TF, r.level());
            case ADDRESS_SIZE -> Walk.fault(Offsets.ASF, r.level());
            case ACCESS_FLAG -> Walk.fault(Offsets.AFF, r.level());
            case PERMISSION -> Walk.fault(Offsets.PF, r.level());
        };
    }

    private static Walk leaf(Regime regime, Geometry g, int level, long address, long descriptor, boolean readOnly,
            Tlb.CachedTable last) {
        long size = 1L << g.shift(level);
        long out = output(descriptor, g.shift(level));
        if (beyond(regime, out)) {
            return Walk.fault(Offsets.ASF, level, last);
        }
        if ((descriptor & 1 << 10) == 0) {
            return Walk.fault(Offsets.AFF, level, last);
        }
        boolean readable = regime.stage() == 1 || (descriptor & 1 << 6) != 0;
        boolean writable = regime.stage() == 1 ? (descriptor & 1 << 7) == 0 && !readOnly : (descriptor & 1 << 7) != 0;
        return Walk.of(new TlbEntry(address & -size, size, out, readable, writable), level, last);
    }

    /** What a walk cache would keep of a walk that ended here; nothing at the start level, whose table is in TTBR. */
    private static Tlb.CachedTable last(Geometry g, int level, long address, long table) {
        if (level == g.startLevel()) {
            return null;
        }
        long covered = 1L << Math.min(g.inputBits(), g.shift(level) + g.bitsPerLevel());
        return new Tlb.CachedTable(address & -covered, covered, table, level);
    }

    private static long output(long descriptor, int shift) {
        long address = descriptor & 0x0000fffffffff000L;
        return address & -(1L << shift);
    }

    private static boolean beyond(Regime regime, long address) {
        int code = regime.stage() == 1 ? regime.tcr2() & 7 : regime.tcr() >> 16 & 7;
        int bits = regime.format() == Regime.Format.LONG_32 ? 40 : Configuration.bits(code);
        return address >>> Math.min(bits, regime.outputBits()) != 0;
    }

    private static Geometry geometry(Regime r, long address) {
        int tcr = r.tcr();
        if (r.stage() == 2) {
            int shift = r.format() == Regime.Format.LONG_32 ? 12 : granule0(tcr >> 14 & 3);
            int input = r.format() == Regime.Format.LONG_32 ? 32 - (tcr << 28 >> 28) : 64 - (tcr & 63);
            int sl0 = tcr >> 6 & 3;
            int start = shift == 12 ? 2 - sl0 : LAST_LEVEL - sl0;
            return start < 0 || shift == 0 || input > r.inputBits() ? null
                    : new Geometry(shift, input, start, r.ttbr0(), false, 0);
        }
        if (r.format() == Regime.Format.LONG_32) {
            int input = 32 - (tcr & 7);
            return new Geometry(12, input, input > 30 ? 1 : 2, r.ttbr0() & 0xffffffffffL, (tcr & 1 << 7) != 0, 0);
        }
        boolean upper = address < 0;
        int size = 64 - (upper ? tcr >> 16 & 63 : tcr & 63);
        int shift = upper ? granule1(tcr >>> 30) : granule0(tcr >> 14 & 3);
        if (shift == 0 || size > r.inputBits()) {
            return null;
        }
        boolean disabled = (tcr & (upper ? 1 << 23 : 1 << 7)) != 0;
        int levels = (size - 4) / (shift - 3); // (size - shift) / (shift - 3), rounded up
        return new Geometry(shift, size, 4 - levels, upper ? r.ttbr1() : r.ttbr0(), disabled, upper ? -(1L << size) : 0);
    }

    private static int granule0(int code) {
        return switch (code) {
            case 0 -> 12;
            case 1 -> 16;
            case 2 -> 14;
            default -> 0;
        };
    }

    private static int granule1(int code) {
        return switch (code) {
            case 1 -> 14;
            case 2 -> 12;
            case 3 -> 16;
            default -> 0;
        };
    }
}
