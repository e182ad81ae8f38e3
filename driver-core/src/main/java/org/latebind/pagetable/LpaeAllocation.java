package org.latebind.pagetable;

import org.latebind.hardware.PageAllocator;

/** Narrowing of a configuration, geometry and register values of the long-descriptor formats. */
final class LpaeAllocation {

    private static final long K4 = 1L << 12;
    private static final long K16 = 1L << 14;
    private static final long K64 = 1L << 16;
    private static final long M2 = 1L << 21;
    private static final long M32 = 1L << 25;
    private static final long M512 = 1L << 29;
    private static final long G1 = 1L << 30;
    private static final long T4 = 1L << 42;
    /** Page size of the CPU, which decides among several granules. */
    private static final long CPU_PAGE = K4;
    private static final int ROOT_ALIGNMENT = 64;

    private LpaeAllocation() {
    }

    /** Why a configuration cannot be served, for people; null when it can. */
    static String refusal(PageTableFormat format, PageTableConfig config) {
        int allowed = allowedQuirks(format, config.behaviour());
        if ((config.quirks() & ~allowed) != 0) {
            return "quirks 0x" + Integer.toHexString(config.quirks() & ~allowed) + " do not exist for " + format;
        }
        if (config.has(Quirks.ARM_OUTER_WBWA) && config.coherentWalk()) {
            return "ARM_OUTER_WBWA is for walkers that are not coherent";
        }
        if (format == PageTableFormat.ARM_32_LPAE_S1 && (config.ias() > 32 || config.oas() > 40)
                || format == PageTableFormat.ARM_32_LPAE_S2 && (config.ias() > 40 || config.oas() > 40)) {
            return format + " cannot do ias " + config.ias() + ", oas " + config.oas();
        }
        PageTableConfig narrowed = narrow(format, config);
        if (narrowed.pageSizes() == 0) {
            return "no page size of 0x" + Long.toHexString(config.pageSizes()) + " fits a granule";
        }
        if (narrowed.ias() <= pageShift(narrowed)) {
            return "ias " + narrowed.ias() + " leaves nothing to translate";
        }
        return outputCode(narrowed.oas()) < 0 ? "oas " + narrowed.oas() + " is not one of 32, 36, 40, 42, 44, 48, 52" : null;
    }

    private static int allowedQuirks(PageTableFormat format, Behaviour behaviour) {
        int newer = behaviour == Behaviour.V7_3 ? -1 : 0;
        if (format.stage() == 2) {
            return newer & (Quirks.ARM_S2FWB | Quirks.NO_WARN);
        }
        return Quirks.ARM_NS | Quirks.ARM_TTBR1 | Quirks.ARM_OUTER_WBWA | Quirks.ARM_HD | newer & Quirks.NO_WARN;
    }

    static PageTableConfig narrow(PageTableFormat format, PageTableConfig config) {
        long sizes = config.pageSizes();
        if (format == PageTableFormat.ARM_32_LPAE_S1 || format == PageTableFormat.ARM_32_LPAE_S2) {
            sizes &= K4 | M2 | G1;
        }
        long granule = granule(sizes);
        int limit = granule == K64 ? 52 : 48;
        if (granule == K4) {
            sizes &= K4 | M2 | G1;
        } else if (granule == K16) {
            sizes &= K16 | M32;
        } else if (granule == K64) {
            sizes &= K64 | M512 | (config.oas() > 48 ? T4 : 0);
        } else {
            sizes = 0;
        }
        return config.narrowed(sizes, Math.min(config.ias(), limit), Math.min(config.oas(), limit));
    }

    private static long granule(long sizes) {
        if ((sizes & CPU_PAGE) != 0) {
            return CPU_PAGE;
        }
        long below = sizes & CPU_PAGE - 1;
        return below != 0 ? Long.highestOneBit(below) : Long.lowestOneBit(sizes);
    }

    private static int pageShift(PageTableConfig narrowed) {
        return Long.numberOfTrailingZeros(granule(narrowed.pageSizes()));
    }

    /** Makes the table, or returns null. The configuration passed {@link #refusal}. */
    static PageTable allocate(PageTableFormat format, PageTableConfig asked, TableMemory memory, PageAllocator allocator,
            TlbInvalidation tlb, Warning.Sink warnings) {
        PageTableConfig config = narrow(format, asked);
        Geometry geometry = geometry(format, config);
        if (geometry == null) {
            warnings.warn(Warning.TOO_MANY_ROOT_TABLES, 0, 0);
            return null;
        }
        long bytes = rootBytes(geometry, config.behaviour());
        long root = allocator.allocate(bytes, bytes, config.oas());
        if (root == PageAllocator.NONE) {
            return null;
        }
        Registers registers = format.stage() == 1 ? stage1(config, geometry, root) : stage2(config, geometry, root);
        return new LpaeTable(format, config, geometry, registers, memory, allocator, tlb, warnings);
    }

    /** Shape of the tables of a configuration, or null when too many root tables would be needed. */
    static Geometry geometry(PageTableFormat format, PageTableConfig config) {
        PageTableConfig narrowed = narrow(format, config);
        Geometry geometry = Geometry.of(pageShift(narrowed), narrowed.ias());
        return format.stage() == 2 ? geometry.concatenated(narrowed) : geometry;
    }

    /** Bytes the root takes: a power of two, so that it can be aligned to its size. */
    static long rootBytes(Geometry geometry, Behaviour behaviour) {
        return Math.max(geometry.pgdBytes(), behaviour == Behaviour.V6_12 ? CPU_PAGE : ROOT_ALIGNMENT);
    }

    private static Registers.Stage1 stage1(PageTableConfig config, Geometry geometry, long root) {
        boolean coherent = config.coherentWalk();
        int orgn = coherent || config.has(Quirks.ARM_OUTER_WBWA) ? 1 : 0;
        int tg = config.has(Quirks.ARM_TTBR1) ? tg1(geometry.pageShift()) : tg0(geometry.pageShift());
        return new Registers.Stage1(root, outputCode(config.oas()), tg, coherent ? 3 : 2, orgn, coherent ? 1 : 0,
                64 - config.ias(), Registers.Stage1.MAIR);
    }

    private static Registers.Stage2 stage2(PageTableConfig config, Geometry geometry, long root) {
        int coherent = config.coherentWalk() ? 1 : 0;
        int level = geometry.startLevel() + (geometry.pageShift() == 12 ? 1 : 0);
        return new Registers.Stage2(root, outputCode(config.oas()), tg0(geometry.pageShift()), 2 + coherent, coherent, coherent,
                ~level & 3, 64 - config.ias());
    }

    private static int tg0(int pageShift) {
        return pageShift == 12 ? 0 : pageShift == 16 ? 1 : 2;
    }

    private static int tg1(int pageShift) {
        return pageShift == 14 ? 1 : pageShift == 12 ? 2 : 3;
    }

    /** Code of an output size in TCR.IPS and VTCR.PS, or -1. */
    static int outputCode(int oas) {
        return switch (oas) {
            case 32 -> 0;
            case 36 -> 1;
            case 40 -> 2;
            case 42 -> 3;
            case 44 -> 4;
            case 48 -> 5;
            case 52 -> 6;
            default -> -1;
        };
    }
}
