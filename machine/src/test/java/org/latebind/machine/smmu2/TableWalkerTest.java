package org.latebind.machine.smmu2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DtsReader;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;
import org.latebind.machine.walk.Access;
import org.latebind.machine.walk.LongWalk;
import org.latebind.machine.walk.WalkResult;
import org.latebind.machine.walk.Walker;
import org.latebind.pagetable.Behaviour;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.PageTable;
import org.latebind.pagetable.PageTableConfig;
import org.latebind.pagetable.PageTableFormat;
import org.latebind.pagetable.PageTables;
import org.latebind.pagetable.Registers;
import org.latebind.pagetable.TlbInvalidation;

/** The model's walker with its walk cache against the walker that knows no registers and no caches. */
class TableWalkerTest {

    private static final int[] SIZES = {32, 36, 40, 42, 44, 48};
    private static final long[] PAGE_SIZES = {0x40201000L, 0x2004000L, 0x20010000L};
    private static final TlbInvalidation NONE = new TlbInvalidation() {
        @Override
        public void flushAll() {
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
        }
    };

    @Test
    void agreesOnTablesTheLibraryWrote() {
        long seed = Long.getLong("latebind.seed", 400401500L);
        Random random = new Random(seed);
        SimMachine machine = SimMachine.of(DtsReader.read("t.dts", """
                /dts-v1/; / { #address-cells = <2>; #size-cells = <2>;
                memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x20000000>; }; };"""),
                BuiltInModels.factories(), Map.of());
        TableWalker walker = new TableWalker(machine.memory());
        int hits = 0;
        for (int round = 0; round < 120; round++) {
            int bits = SIZES[random.nextInt(SIZES.length)];
            int stage = 1 + random.nextInt(2);
            int granule = random.nextInt(3);
            PageTable table = PageTables.allocate(stage == 1 ? PageTableFormat.ARM_64_LPAE_S1 : PageTableFormat.ARM_64_LPAE_S2,
                    new PageTableConfig(PAGE_SIZES[granule], bits, bits, true, 0, Behaviour.V7_3), machine.memory(),
                    machine.pages(), NONE);
            assertThat(table).isNotNull();
            hits += compare(machine, walker, table, stage, granule, bits, random, "seed " + seed + " round " + round);
            table.free();
        }
        assertThat(hits).isGreaterThan(5000);
    }

    private static int compare(SimMachine machine, TableWalker walker, PageTable table, int stage, int granule, int bits,
            Random random, String where) {
        long smallest = Long.lowestOneBit(PAGE_SIZES[granule]);
        List<Long> sizes = Long.bitCount(PAGE_SIZES[granule]) == 3 ? List.of(smallest, 0x200000L, 0x40000000L)
                : List.of(smallest, Long.highestOneBit(PAGE_SIZES[granule]));
        long[] mapped = new long[40];
        for (int i = 0; i < mapped.length; i++) {
            long size = sizes.get(random.nextInt(sizes.size()));
            mapped[i] = random.nextLong() >>> 64 - bits & -size;
            long pa = random.nextLong() >>> 64 - bits & -size;
            table.mapPages(mapped[i], pa, size, 1, 1 + random.nextInt(3));
        }
        LongWalk config;
        Regime regime;
        int shift = Long.numberOfTrailingZeros(smallest);
        if (table.registers() instanceof Registers.Stage1 s1) {
            config = LongWalk.stage1(s1.root(), shift, bits, bits);
            regime = new Regime(1, Regime.Format.LONG_64, s1.root(), 0, s1.packedLow() | 1 << 23, s1.ips(), 0, 48, 48, true);
        } else {
            Registers.Stage2 s2 = (Registers.Stage2) table.registers();
            config = LongWalk.stage2(s2.root(), shift, bits, LongWalk.startLevel(shift, s2.sl()), bits);
            regime = new Regime(2, Regime.Format.LONG_64, s2.root(), 0, s2.packed(), 0, 0, 48, 48, true);
        }
        int hits = 0;
        Tlb.CachedTable cached = null;
        for (int i = 0; i < 150; i++) {
            long address = i % 10 == 0 ? random.nextLong() >>> 64 - bits
                    : mapped[random.nextInt(mapped.length)] + (random.nextLong() & smallest - 1);
            boolean write = random.nextBoolean();
            WalkResult expected = Walker.walk(machine.memory(), config, address, write ? Access.WRITE : Access.READ);
            Walk actual = walker.walk(regime, address, null, PageWalker.Fetch.DIRECT);
            if (cached != null && address - cached.input() >= 0 && address - cached.input() < cached.sizeBytes()) {
                assertThat(walker.walk(regime, address, cached, PageWalker.Fetch.DIRECT)).as(where).isEqualTo(actual);
            }
            cached = actual.lastTable();
            boolean allowed = actual.fault() == 0 && actual.entry().allows(write);
            assertThat(allowed).as(where + " at 0x" + Long.toHexString(address) + ": " + expected + " / " + actual)
                    .isEqualTo(expected.ok());
            if (allowed) {
                assertThat(actual.entry().translate(address)).as(where).isEqualTo(expected.address());
                hits++;
            }
        }
        return hits;
    }
}
