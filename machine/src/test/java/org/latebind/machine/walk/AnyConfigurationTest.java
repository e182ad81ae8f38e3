package org.latebind.machine.walk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.latebind.hardware.PageAllocator;
import org.latebind.iommu.Protection;
import org.latebind.machine.memory.MemoryAllocator;
import org.latebind.machine.memory.SparseMemory;
import org.latebind.machine.walk.WalkResult.Fault;
import org.latebind.pagetable.Behaviour;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.PageTableConfig;
import org.latebind.pagetable.PageTableFormat;
import org.latebind.pagetable.PageTables;
import org.latebind.pagetable.Quirks;
import org.latebind.pagetable.TlbInvalidation;

/**
 * Three opinions on every table: the encoder's return values and translations, a model without bits, and a walker that
 * is configured from the register values alone. Configurations are drawn from all formats, granules, size sets, input
 * and output sizes, quirks and both generations. {@code latebind.pgtable.operations} changes the
 * number of operations.
 */
class AnyConfigurationTest {

    private static final int OPERATIONS = Integer.getInteger("latebind.pgtable.operations", 250_000);
    private static final int PER_TABLE = 400;
    private static final long[][] GRANULES = {
        {1L << 12, 1L << 12 | 1L << 21, 1L << 12 | 1L << 21 | 1L << 30, 1L << 12 | 1L << 30, 0x62215000L},
        {1L << 14, 1L << 14 | 1L << 25, 0x22014000L},
        {1L << 16, 1L << 16 | 1L << 29, 1L << 16 | 1L << 29 | 1L << 42}};
    private static final long[] SHORT = {1L << 12, 1L << 12 | 1L << 20, 1L << 12 | 1L << 16 | 1L << 20 | 1L << 24};
    private static final int[] OAS = {32, 36, 40, 42, 44, 48, 52};

    @Test
    void encoderWalkerAndModelAgreeOnEveryConfiguration() {
        Set<PageTableFormat> formats = EnumSet.noneOf(PageTableFormat.class);
        int refused = 0;
        int tables = Math.max(1, OPERATIONS / PER_TABLE);
        for (int seed = 0; seed < tables; seed++) {
            Random random = new Random(seed);
            PageTableFormat format = PageTableFormat.values()[seed % PageTableFormat.values().length];
            PageTableConfig config = config(format, random);
            try {
                Run run = new Run(format, config, random);
                if (run.table == null) {
                    refused++;
                } else {
                    formats.add(format);
                    run.run();
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", " + format + " " + config, e);
            }
        }
        assertThat(refused).as("configurations that cannot be served").isLessThan(tables / 3);
        assertThat(formats.size()).isEqualTo(Math.min(tables, PageTableFormat.values().length));
    }

    private static PageTableConfig config(PageTableFormat format, Random random) {
        Behaviour behaviour = Behaviour.values()[random.nextInt(2)];
        boolean coherent = random.nextBoolean();
        if (format == PageTableFormat.ARM_V7S) {
            boolean extended = random.nextInt(4) == 0;
            int quirks = (extended ? Quirks.NO_PERMS | Quirks.ARM_MTK_EXT : random.nextInt(4) == 0 ? Quirks.NO_PERMS : 0)
                    | random.nextInt(2) * Quirks.ARM_NS;
            return new PageTableConfig(SHORT[random.nextInt(SHORT.length)], extended ? 34 : 32, extended ? 35 : 32, coherent,
                    quirks, behaviour);
        }
        boolean small = format == PageTableFormat.ARM_32_LPAE_S1 || format == PageTableFormat.ARM_32_LPAE_S2;
        long[] sizes = GRANULES[small ? 0 : random.nextInt(GRANULES.length)];
        int ias = format == PageTableFormat.ARM_32_LPAE_S1 ? 32 : small ? 31 + random.nextInt(10) : 31 + random.nextInt(22);
        int oas = OAS[random.nextInt(small ? 3 : OAS.length)];
        return new PageTableConfig(sizes[random.nextInt(sizes.length)], ias, oas, coherent,
                quirks(format, coherent, behaviour, random), behaviour);
    }

    private static int quirks(PageTableFormat format, boolean coherent, Behaviour behaviour, Random random) {
        int quirks = behaviour == Behaviour.V7_3 ? random.nextInt(2) * Quirks.NO_WARN : 0;
        if (format.stage() == 2) {
            return quirks | (behaviour == Behaviour.V7_3 ? random.nextInt(2) * Quirks.ARM_S2FWB : 0);
        }
        boolean upper = format == PageTableFormat.ARM_64_LPAE_S1 && random.nextInt(3) == 0;
        return quirks | random.nextInt(2) * Quirks.ARM_NS | (upper ? Quirks.ARM_TTBR1 : 0)
                | (coherent ? 0 : random.nextInt(2) * Quirks.ARM_OUTER_WBWA) | random.nextInt(2) * Quirks.ARM_HD;
    }

    private static final class Run implements TlbInvalidation, PageAllocator {

        private final Random random;
        private final SparseMemory memory = new SparseMemory(0x4000_0000L, 0x4000_0000L);
        private final MemoryAllocator allocator = new MemoryAllocator(memory);
        private final PageTable table;
        private final PageTableFormat format;
        private final Gather gather = new Gather();
        private final List<Long> sizes = new ArrayList<>();
        private WalkConfig walk;
        private EntryModel model;
        private long base;
        private int live;

        Run(PageTableFormat format, PageTableConfig config, Random random) {
            this.random = random;
            this.format = format;
            table = PageTables.allocate(format, config, memory, this, this);
            if (table == null) {
                return;
            }
            model = new EntryModel(format, table.config());
            walk = TableRegisters.walkOf(table);
            if (walk instanceof LongWalk w) {
                LongWalk.Region region = w.lower() == null ? w.upper() : w.lower();
                assertThat(region.startLevel()).as("start level in the registers").isEqualTo(model.startLevel());
            }
            base = config.has(Quirks.ARM_TTBR1) ? -1L << table.config().ias() : 0;
            for (long left = table.config().pageSizes(); left != 0; left &= left - 1) {
                long size = Long.lowestOneBit(left);
                if (model.holds(size) && size < 1L << table.config().ias() && size < 1L << table.config().oas()) {
                    sizes.add(size);
                }
            }
        }

        void run() {
            for (int i = 0; i < PER_TABLE; i++) {
                step();
                compare(place());
            }
            assertThat(live).as("tables in use").isEqualTo(model.tables());
            table.free();
            assertThat(live).as("tables after free").isZero();
            assertThat(allocator.allocatedBytes()).isZero();
        }

        private void step() {
            long size = size();
            long iova = place() & -size;
            long count = random.nextInt(12) == 0 ? 1 + random.nextInt(40) : 1 + random.nextInt(3);
            if (format == PageTableFormat.ARM_V7S) {
                count = Math.min(count, (1L << table.config().ias()) - iova >>> Long.numberOfTrailingZeros(size));
            }
            if (random.nextInt(5) < 3) {
                long top = 1L << Math.min(table.config().oas(), 62);
                long room = Math.max(1, (top >>> Long.numberOfTrailingZeros(size)) - count);
                count = Math.min(count, top >>> Long.numberOfTrailingZeros(size));
                long paddr = (random.nextLong() >>> 1) % room * size;
                int prot = 1 + random.nextInt(3) | random.nextInt(16) << 2;
                long expected = model.map(iova, paddr, size, count, prot);
                assertThat(table.mapPages(base | iova, paddr, size, count, prot)).as("map %x %x*%d", iova, size, count)
                        .isEqualTo(expected);
                compare(iova + Math.max(0, expected - 1));
            } else {
                long expected = model.unmap(iova, size, count);
                assertThat(table.unmapPages(base | iova, size, count, gather)).as("unmap %x %x*%d", iova, size, count)
                        .isEqualTo(expected);
            }
            compare(iova);
        }

        /** Mostly pages: large leaves of large granules fill thousands of entries when they are split. */
        private long size() {
            int dice = random.nextInt(40);
            int last = sizes.size() - 1;
            return sizes.get(dice < 3 ? last : dice < 10 ? Math.min(1, last) : 0);
        }

        private long place() {
            long top = 1L << table.config().ias();
            long spread = random.nextInt(1 << 19) * 64L;
            return switch (random.nextInt(3)) {
                case 0 -> spread;
                case 1 -> top - 1 - spread;
                default -> top / 2 + spread;
            };
        }

        private void compare(long iova) {
            EntryModel.Leaf leaf = model.at(iova);
            long expected = leaf == null ? 0 : leaf.paddr() + (iova - leaf.iova());
            assertThat(table.iovaToPhys(base | iova)).as("translation of %x", iova).isEqualTo(expected);
            int prot = leaf == null ? Protection.READ : leaf.prot();
            boolean second = format.stage() == 2;
            boolean read = !second || (prot & Protection.READ) != 0;
            WalkResult found = Walker.walk(memory, walk, base | iova, new Access(!read, true, false));
            if (leaf == null) {
                assertThat(found.fault()).as("walk of %x", iova).isEqualTo(Fault.TRANSLATION);
                return;
            }
            assertThat(found.address()).as("walk of %x: %s", iova, found).isEqualTo(expected);
            assertThat(found.pageBytes()).as("leaf at %x", iova).isEqualTo(leaf.sizeBytes());
            boolean unchecked = table.config().has(Quirks.NO_PERMS);
            if (unchecked) {
                return;
            }
            assertThat(found.writable()).as("writable at %x", iova).isEqualTo((prot & Protection.WRITE) != 0);
            boolean user = second || (prot & Protection.PRIV) == 0;
            Fault unprivileged = Walker.walk(memory, walk, base | iova, new Access(!read, false, false)).fault();
            assertThat(unprivileged == Fault.NONE).as("unprivileged access at %x", iova).isEqualTo(user);
            memoryType(found.attributes(), prot, second);
        }

        private void memoryType(WalkResult.Attributes attributes, int prot, boolean second) {
            boolean device = (prot & Protection.MMIO) != 0;
            boolean cached = (prot & Protection.CACHE) != 0;
            assertThat(attributes.nonSecure()).isEqualTo(table.config().has(Quirks.ARM_NS));
            if (format == PageTableFormat.ARM_V7S) {
                assertThat(attributes.index()).isEqualTo(device ? 1 : cached ? 7 : 4);
                return;
            }
            int writeBack = table.config().has(Quirks.ARM_S2FWB) ? 0x6 : 0xf;
            int expected = second ? device ? 0x1 : cached ? writeBack : 0x5 : device ? 2 : cached ? 1 : 0;
            assertThat(attributes.index()).isEqualTo(expected);
            assertThat(attributes.shareability()).isEqualTo(cached ? 3 : 2);
            assertThat(attributes.executeNever() || (prot & Protection.NOEXEC) == 0).isTrue();
        }

        @Override
        public long allocate(long sizeBytes, long alignmentBytes, int addressBits) {
            long address = allocator.allocate(sizeBytes, alignmentBytes, addressBits);
            live += address == NONE ? 0 : 1;
            return address;
        }

        @Override
        public void free(long address, long sizeBytes) {
            allocator.free(address, sizeBytes);
            live--;
        }

        @Override
        public long allocatedBytes() {
            return allocator.allocatedBytes();
        }

        @Override
        public void flushAll() {
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
        }

        @Override
        public void addPage(Gather g, long iova, long granule) {
            g.add(iova, granule, granule);
        }
    }
}
