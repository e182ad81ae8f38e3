package org.latebind.machine.walk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
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
 * What the driver core writes, hardware must read: the walker is configured from the register values alone and has to
 * find every mapping with its address, size, rights and attributes, in all formats.
 */
class EncoderAgainstWalkerTest {

    private static final long K4 = 1L << 12 | 1L << 21 | 1L << 30;
    private static final long K16 = 1L << 14 | 1L << 25;
    private static final long K64 = 1L << 16 | 1L << 29;
    private static final long V7S = 1L << 12 | 1L << 16 | 1L << 20 | 1L << 24;
    private static final int OPERATIONS = 1500;

    @TestFactory
    List<DynamicTest> theWalkerFindsWhatTheEncoderWrote() {
        List<DynamicTest> tests = new ArrayList<>();
        for (int bits : new int[] {32, 36, 40, 42, 44, 48}) {
            for (long sizes : new long[] {K4, K16, K64}) {
                add(tests, PageTableFormat.ARM_64_LPAE_S1, sizes, bits, bits, 0);
                add(tests, PageTableFormat.ARM_64_LPAE_S1, sizes, bits, 48, Quirks.ARM_TTBR1 | Quirks.ARM_HD);
                add(tests, PageTableFormat.ARM_64_LPAE_S1, sizes, bits, 48, Quirks.ARM_NS);
                add(tests, PageTableFormat.ARM_64_LPAE_S2, sizes, bits, bits, 0);
            }
        }
        add(tests, PageTableFormat.ARM_64_LPAE_S1, K64 | 1L << 42, 52, 52, 0);
        add(tests, PageTableFormat.ARM_64_LPAE_S2, K64 | 1L << 42, 52, 52, 0);
        add(tests, PageTableFormat.ARM_32_LPAE_S1, K4, 32, 40, Quirks.ARM_NS);
        add(tests, PageTableFormat.ARM_32_LPAE_S1, K4, 32, 32, 0);
        add(tests, PageTableFormat.ARM_32_LPAE_S2, K4, 40, 40, 0);
        add(tests, PageTableFormat.ARM_V7S, V7S, 32, 32, 0);
        add(tests, PageTableFormat.ARM_V7S, V7S, 32, 32, Quirks.ARM_NS);
        add(tests, PageTableFormat.ARM_V7S, V7S, 34, 35, Quirks.NO_PERMS | Quirks.ARM_MTK_EXT);
        return tests;
    }

    private static void add(List<DynamicTest> tests, PageTableFormat format, long sizes, int ias, int oas, int quirks) {
        for (Behaviour behaviour : Behaviour.values()) {
            PageTableConfig config = new PageTableConfig(sizes, ias, oas, tests.size() % 4 < 2, quirks, behaviour);
            long seed = 7L + tests.size();
            tests.add(DynamicTest.dynamicTest(format + " " + config + " seed " + seed,
                    () -> new Run(format, config, seed).run()));
        }
    }

    private static final class Run implements TlbInvalidation {

        private final SparseMemory memory = new SparseMemory(0x4000_0000L, 0x4000_0000L);
        private final PageTable table;
        private final WalkConfig walk;
        private final Random random;
        private final long base;
        private final List<Long> sizes = new ArrayList<>();
        private int mappings;

        Run(PageTableFormat format, PageTableConfig config, long seed) {
            table = PageTables.allocate(format, config, memory, new MemoryAllocator(memory), this);
            assertThat(table).isNotNull();
            walk = TableRegisters.walkOf(table);
            random = new Random(seed);
            base = config.has(Quirks.ARM_TTBR1) ? -1L << config.ias() : 0;
            for (long left = table.config().pageSizes(); left != 0; left &= left - 1) {
                if (Long.lowestOneBit(left) < 1L << config.ias() - 1) {
                    sizes.add(Long.lowestOneBit(left));
                }
            }
        }

        void run() {
            Gather gather = new Gather();
            for (int i = 0; i < OPERATIONS; i++) {
                long size = sizes.get(Math.max(0, random.nextInt(sizes.size() + 6) - 6));
                long iova = place() & -size;
                if (random.nextInt(3) > 0) {
                    long paddr = random.nextLong() >>> 64 - table.config().oas() & -size;
                    int prot = 1 + random.nextInt(3) | random.nextInt(16) << 2;
                    long count = paddr + 3 * size >>> table.config().oas() != 0 ? 1 : 1 + random.nextInt(3);
                    long mapped = table.mapPages(base | iova, paddr, size, count, prot);
                    for (long at = 0; at < mapped; at += size) {
                        check(base | iova + at, paddr + at, size, prot);
                        mappings++;
                    }
                } else {
                    table.unmapPages(base | iova, size, 1 + random.nextInt(3), gather);
                }
                compare(base | place());
                compare(base | iova);
            }
            assertThat(mappings).isGreaterThan(OPERATIONS / 10);
        }

        private long place() {
            long top = 1L << table.config().ias();
            long spread = random.nextInt(1 << 26);
            return switch (random.nextInt(3)) {
                case 0 -> spread;
                case 1 -> top - 1 - spread;
                default -> top / 2 + spread;
            };
        }

        private void compare(long iova) {
            WalkResult found = Walker.walk(memory, walk, iova, Access.PRIVILEGED_READ);
            if (found.fault() != Fault.PERMISSION) {
                assertThat(found.address()).as("%x %s", iova, found).isEqualTo(table.iovaToPhys(iova));
                assertThat(found.fault()).isEqualTo(found.ok() ? Fault.NONE : Fault.TRANSLATION);
            }
        }

        private void check(long iova, long paddr, long size, int prot) {
            boolean unchecked = walk instanceof ShortWalk s && s.extended();
            boolean second = walk instanceof LongWalk l && l.stage() == 2;
            boolean privileged = (prot & Protection.PRIV) != 0 && !second;
            boolean write = (prot & Protection.WRITE) != 0;
            boolean read = (prot & Protection.READ) != 0 || !second;
            WalkResult found = Walker.walk(memory, walk, iova + 5, new Access(write, true, false));
            assertThat(found.address()).as("%x prot %d %s", iova, prot, found).isEqualTo(paddr + 5);
            assertThat(found.pageBytes()).isEqualTo(size);
            assertThat(found.writable()).isEqualTo(write || unchecked);
            permission(iova, new Access(true, privileged, false), !write && !unchecked);
            permission(iova, Access.PRIVILEGED_READ, !read && !unchecked);
            permission(iova, Access.READ, (privileged || !read) && !unchecked);
            if (read) {
                permission(iova, new Access(false, privileged, true), (prot & Protection.NOEXEC) != 0 && !unchecked);
            }
            attributes(found.attributes(), prot, second);
        }

        private void attributes(WalkResult.Attributes attributes, int prot, boolean second) {
            boolean device = (prot & Protection.MMIO) != 0;
            boolean cached = (prot & Protection.CACHE) != 0;
            assertThat(attributes.nonSecure()).isEqualTo(table.config().has(Quirks.ARM_NS));
            assertThat(attributes.contiguous()).isFalse();
            if (walk instanceof LongWalk) {
                int expected = second ? device ? 0x1 : cached ? 0xf : 0x5 : device ? 2 : cached ? 1 : 0;
                assertThat(attributes.index()).isEqualTo(expected);
                assertThat(attributes.shareability()).isEqualTo(cached ? 3 : 2);
                assertThat(attributes.global()).isEqualTo(second);
            } else {
                assertThat(attributes.index()).isEqualTo(device ? 1 : cached ? 7 : 4);
            }
        }

        private void permission(long iova, Access access, boolean expected) {
            Fault fault = Walker.walk(memory, walk, iova, access).fault();
            assertThat(fault).as("%x %s", iova, access).isEqualTo(expected ? Fault.PERMISSION : Fault.NONE);
        }

        @Override
        public void flushAll() {
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
            gather.add(iova, granule, granule);
        }
    }
}
