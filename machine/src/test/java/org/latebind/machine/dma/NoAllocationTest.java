package org.latebind.machine.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.dma.DmaFacts;
import org.latebind.dma.DmaFactory;
import org.latebind.dma.DmaSpace;
import org.latebind.dma.IovaAllocator;
import org.latebind.dma.ScatterList;
import org.latebind.iommu.DomainType;
import org.latebind.machine.memory.MemoryAllocator;
import org.latebind.machine.memory.SparseMemory;
import org.latebind.pagetable.Behaviour;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.PageTableConfig;
import org.latebind.pagetable.PageTableFormat;
import org.latebind.pagetable.PageTables;
import org.latebind.pagetable.Quirks;
import org.latebind.pagetable.TlbInvalidation;

/**
 * In steady state no operation of the page tables and the DMA API allocates Java memory: the virtual machine's own count of
 * bytes allocated by this thread does not move over thousands of them.
 */
class NoAllocationTest {

    private static final long PAGE = 4096;
    private static final int OPERATIONS = 1000;
    private static final int RW = 3;

    private final SparseMemory memory = new SparseMemory(0x4000_0000L, 0x4000_0000L);
    private final MemoryAllocator allocator = new MemoryAllocator(memory);

    private enum Nothing implements TlbInvalidation {
        INSTANCE;

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

    /**
     * Bytes the quietest of several rounds allocates: the first ones grow what grows, and in any of them the virtual machine may
     * rebuild a frame it had compiled away. An operation that allocates shows in every round.
     */
    private static long allocated(IntConsumer operation) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeTrue(threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled(),
                "this virtual machine does not count allocations");
        long bytes = Long.MAX_VALUE;
        for (int round = 0; round < 8 && bytes > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < OPERATIONS; i++) {
                operation.accept(i);
            }
            bytes = Math.min(bytes, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return bytes;
    }

    private static void check(boolean good) {
        if (!good) {
            throw new AssertionError("the operation failed: nothing was measured");
        }
    }

    @Test
    void theMeasureSeesAnAllocation() {
        Object[] kept = new Object[OPERATIONS];
        assertThat(allocated(i -> kept[i] = new byte[16])).isGreaterThanOrEqualTo(OPERATIONS * 16L);
    }

    @TestFactory
    List<DynamicTest> tablesAllocateNothing() {
        List<DynamicTest> tests = new ArrayList<>();
        table(tests, PageTableFormat.ARM_64_LPAE_S1, 1L << 12 | 1L << 21 | 1L << 30, 48, 0);
        table(tests, PageTableFormat.ARM_64_LPAE_S1, 1L << 14 | 1L << 25, 48, Quirks.ARM_HD);
        table(tests, PageTableFormat.ARM_64_LPAE_S1, 1L << 16 | 1L << 29, 48, 0);
        table(tests, PageTableFormat.ARM_64_LPAE_S2, 1L << 12 | 1L << 21 | 1L << 30, 40, 0);
        table(tests, PageTableFormat.ARM_32_LPAE_S1, 1L << 12 | 1L << 21 | 1L << 30, 32, Quirks.ARM_NS);
        table(tests, PageTableFormat.ARM_32_LPAE_S2, 1L << 12 | 1L << 21 | 1L << 30, 40, 0);
        table(tests, PageTableFormat.ARM_V7S, 1L << 12 | 1L << 16 | 1L << 20 | 1L << 24, 32, 0);
        return tests;
    }

    private void table(List<DynamicTest> tests, PageTableFormat format, long sizes, int bits, int quirks) {
        for (Behaviour behaviour : Behaviour.values()) {
            int oas = format == PageTableFormat.ARM_V7S ? 32 : format == PageTableFormat.ARM_32_LPAE_S1 ? 40 : bits;
            PageTable table = PageTables.allocate(format, new PageTableConfig(sizes, bits, oas, true, quirks, behaviour), memory,
                    allocator, Nothing.INSTANCE);
            long page = Long.lowestOneBit(sizes);
            long block = Long.lowestOneBit(sizes & ~page);
            Gather gather = new Gather();
            String name = format + " " + Long.toHexString(page) + " " + behaviour;
            tests.add(DynamicTest.dynamicTest(name + ": pages", () -> assertThat(allocated(i -> {
                long iova = i * 7L % 1024 * page;
                check(table.mapPages(iova, iova, page, 1, RW) == page);
                check(table.iovaToPhys(iova + 3) == iova + 3);
                check(table.unmapPages(iova, page, 1, gather) == page);
            })).isZero()));
            tests.add(DynamicTest.dynamicTest(name + ": runs and blocks", () -> assertThat(allocated(i -> {
                long first = (1L << 30) + i % 2 * block;
                check(table.mapPages(first, first, page, 16, RW) == 16 * page);
                check(table.unmapPages(first, page, 16, gather) == 16 * page);
                long own = (1L << 31) + i % 3 * block;
                check(table.mapPages(own, 0, block, 1, RW) == block);
                check(table.unmapPages(own, block, 1, gather) == block);
            })).isZero()));
        }
    }

    @TestFactory
    List<DynamicTest> theDmaApiAllocatesNothing() {
        List<DynamicTest> tests = new ArrayList<>();
        DmaFactory factory = new DmaFactory(memory, allocator);
        api(tests, "direct", factory.direct(new DmaFacts(-1L, -1L, List.of(), true, false)), 0x5000_0000L);
        api(tests, "direct, bus offset", factory.direct(new DmaFacts(-1L, -1L,
                List.of(new DmaFacts.Range(0, 0x4000_0000L, 1L << 30)), true, false)), 0x5000_0000L);
        long reachable = 0x4fff_ffffL;
        api(tests, "direct, bounced", factory.direct(new DmaFacts(reachable, -1L, List.of(), true, false)), 0x7000_0000L);
        for (DomainType type : new DomainType[] {DomainType.DMA, DomainType.DMA_FQ}) {
            for (boolean pci : new boolean[] {false, true}) {
                DmaSpace space = new DmaSpace(new PlainDomain(type, 48, memory, allocator), List.of());
                api(tests, "translated " + type + (pci ? " pci" : ""),
                        factory.translated(space, new DmaFacts((1L << 40) - 1, -1L, List.of(), false, pci)), 0x5000_0000L);
            }
        }
        return tests;
    }

    private static void api(List<DynamicTest> tests, String name, DmaApi api, long physical) {
        tests.add(DynamicTest.dynamicTest(name + ": single", () -> assertThat(allocated(i -> {
            long dma = api.map(physical + i % 64 * 100, 1500, Direction.BIDIRECTIONAL, 0);
            check(dma != DmaApi.MAPPING_ERROR);
            api.syncForCpu(dma, 1500, Direction.BIDIRECTIONAL);
            api.syncForDevice(dma, 1500, Direction.BIDIRECTIONAL);
            api.unmap(dma, 1500, Direction.BIDIRECTIONAL, 0);
        })).isZero()));
        tests.add(DynamicTest.dynamicTest(name + ": 64 in flight, mixed sizes", () -> {
            long[] inFlight = new long[64];
            long[] sizes = new long[64];
            assertThat(allocated(i -> {
                int slot = i & 63;
                if (sizes[slot] != 0) {
                    api.unmap(inFlight[slot], sizes[slot], Direction.FROM_DEVICE, 0);
                }
                sizes[slot] = 1 + i * 613L % (9 * PAGE);
                inFlight[slot] = api.map(physical + slot * 16 * PAGE, sizes[slot], Direction.FROM_DEVICE, 0);
                check(inFlight[slot] != DmaApi.MAPPING_ERROR);
            })).isZero();
        }));
        ScatterList list = new ScatterList(8);
        tests.add(DynamicTest.dynamicTest(name + ": scatter-gather", () -> assertThat(allocated(i -> {
            list.clear();
            for (int s = 0; s < 8; s++) {
                list.add(physical + (s * 3L + i % 5) * PAGE, s % 2 == 0 ? PAGE : 2 * PAGE);
            }
            check(api.map(list, Direction.TO_DEVICE, 0) > 0);
            api.unmap(list, Direction.TO_DEVICE, 0);
        })).isZero()));
    }

    @Test
    void theAddressAllocatorAllocatesNothingUnderChurn() {
        IovaAllocator addresses = new IovaAllocator(PAGE, 0, 0xffff_ffffL, List.of());
        long[] live = new long[500];
        assertThat(allocated(i -> {
            int slot = i * 271 % live.length;
            long size = (1 + slot % 40) * PAGE;
            if (live[slot] != 0) {
                addresses.free(live[slot], size);
            }
            live[slot] = addresses.allocate(size, 0xffff_ffffL);
            check(live[slot] != IovaAllocator.NONE);
        })).isZero();
    }
}
