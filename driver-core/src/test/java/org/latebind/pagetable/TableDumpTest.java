package org.latebind.pagetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.latebind.iommu.Protection;

class TableDumpTest {

    private static final int RW = Protection.READ | Protection.WRITE;

    private final TestMemory memory = new TestMemory();
    private final TestMemory.Allocator allocator = new TestMemory.Allocator(0x8000_0000L);

    private PageTable table(PageTableFormat format, long sizes, int ias, int oas, boolean coherent, int quirks) {
        PageTableConfig config = new PageTableConfig(sizes, ias, oas, coherent, quirks, Behaviour.V7_3);
        return PageTables.allocate(format, config, memory, allocator,
                new TlbInvalidation() {
                    @Override
                    public void flushAll() {
                    }

                    @Override
                    public void flushWalk(long iova, long sizeBytes, long granule) {
                    }

                    @Override
                    public void addPage(Gather gather, long iova, long granule) {
                    }
                });
    }

    private PageTable sample() {
        PageTable table = table(PageTableFormat.ARM_64_LPAE_S1, 1L << 12 | 1L << 21 | 1L << 30, 39, 36, false, Quirks.ARM_NS);
        table.mapPages(0x4020_0000L, 0x8_8000_0000L, 1L << 21, 2, RW);
        table.mapPages(0x8000_0000L, 0x8_c000_0000L, 1L << 30, 1, RW | Protection.MMIO | Protection.NOEXEC);
        table.mapPages(0x4000_1000L, 0x1000, 0x1000, 3, Protection.READ | Protection.CACHE);
        table.mapPages(0x4000_4000L, 0x9000, 0x1000, 1, Protection.READ | Protection.CACHE | Protection.PRIV);
        return table;
    }

    private static final String SAMPLE = """
            L1[1] 0x40000000-0x7fffffff table at 0x80001000 NS synced
              L2[0] 0x40000000-0x401fffff table at 0x80002000 NS synced
                L3[1..3] 0x40001000-0x40003fff -> 0x1000 3 x 4K r- user write-back inner NS
                L3[4] 0x40004000-0x40004fff -> 0x9000 1 x 4K r- privileged write-back inner NS
              L2[1..2] 0x40200000-0x405fffff -> 0x880000000 2 x 2M rw user non-cacheable outer NS
            L1[2] 0x80000000-0xbfffffff -> 0x8c0000000 1 x 1G rw user device outer no-execute NS
            """;

    @Test
    void everyEntryIsALineAndLeavesThatGoOnAreOne() {
        assertThat(TableDumpPrinter.print(TableDump.of(sample(), memory::read64))).isEqualTo(SAMPLE);
    }

    @Test
    void anEmptyTableSaysSo() {
        PageTable table = table(PageTableFormat.ARM_64_LPAE_S2, 1L << 12, 40, 40, true, 0);
        assertThat(TableDumpPrinter.print(TableDump.of(table, memory::read64))).isEqualTo("empty table\n");
    }

    @Test
    void upperHalfStage2AndShortDescriptorsHaveTheirWords() {
        int quirks = Quirks.ARM_TTBR1 | Quirks.ARM_HD;
        PageTable upper = table(PageTableFormat.ARM_64_LPAE_S1, 1L << 12 | 1L << 21, 30, 40, true, quirks);
        upper.mapPages(-1L << 30, 0x20_0000, 1L << 21, 1, RW);
        assertThat(TableDumpPrinter.print(TableDump.of(upper, memory::read64))).isEqualTo(
                "L2[0] 0xffffffffc0000000-0xffffffffc01fffff -> 0x200000 1 x 2M rw user non-cacheable outer dirty-tracking\n");
        PageTable second = table(PageTableFormat.ARM_64_LPAE_S2, 1L << 12 | 1L << 21, 30, 40, true, 0);
        second.mapPages(0, 0x20_0000, 1L << 21, 1, Protection.WRITE | Protection.CACHE);
        assertThat(TableDumpPrinter.print(TableDump.of(second, memory::read64))).isEqualTo(
                "L2[0] 0x0-0x1fffff -> 0x200000 1 x 2M -w write-back inner\n");
        PageTable small = table(PageTableFormat.ARM_V7S, 1L << 12 | 1L << 16 | 1L << 20 | 1L << 24, 32, 32, true, 0);
        small.mapPages(0x1000, 0x5000, 0x1000, 2, Protection.READ);
        small.mapPages(0x1_0000, 0x5_0000, 0x1_0000, 1, RW | Protection.MMIO);
        small.mapPages(0x100_0000, 0x200_0000, 1L << 24, 1, RW | Protection.CACHE | Protection.NOEXEC);
        long level2 = memory.read32(small.registers().root()) & 0xffff_fc00L;
        assertThat(TableDumpPrinter.print(TableDump.of(small, memory::read64))).isEqualTo(
                "L1[0] 0x0-0xfffff table at 0x" + Long.toHexString(level2) + "\n"
                + "  L2[1..2] 0x1000-0x2fff -> 0x5000 2 x 4K r- user non-cacheable shared\n"
                + "  L2[16..31] 0x10000-0x1ffff -> 0x50000 16 x 4K rw user device shared large-page\n"
                + "L1[16..31] 0x1000000-0x1ffffff -> 0x2000000 16 x 1M rw user write-back shared no-execute supersection\n");
    }

    @Test
    void aSavedTableReadsBackToTheSameDump() throws SavedTables.BadFileException {
        String text = SavedTables.of(sample(), memory::read64).write();
        SavedTables read = SavedTables.read("a.pgt", text.getBytes(StandardCharsets.US_ASCII));
        assertThat(TableDumpPrinter.print(read.dump())).isEqualTo(SAMPLE);
        assertThat(read.write()).isEqualTo(text);
    }

    @Test
    void badFilesAreOneLineWithFileAndOffset() {
        String good = SavedTables.of(sample(), memory::read64).write();
        String[][] cases = {
            {"", "a.pgt: offset 0: the file ends too early"},
            {"hello\n", "a.pgt: offset 0: not a saved page table"},
            {good.replace("LPAE_S1", "LPAE_S9"), "a.pgt: offset 22: unknown format \"ARM_64_LPAE_S9\""},
            {good.replace("ias 39", "ias 3x"), "a.pgt: offset 66: ias is not a number from 1 to 99"},
            {good.replace("oas 36", "oas 37"), "no such table: oas 37"},
            {good.replace("root 0x80000000", "root 0x80000001"), "is not a multiple of 64"},
            {good.replace("\n0x80000008", "\n0x80000009"), "is not a multiple of 8"},
            {good + "0x0 0x1\n", "address 0x0 does not rise"},
            {good.substring(0, good.length() - 1), "the last line has no end"},
            {good + "rubbish\u0007\n", "expected an address and a value"},
            {good.replace("LPAE_S1", "LPAE_S2").replace("quirks 0x1", "quirks 0x0").replace("ias 39", "ias 48")
                    .replace("oas 36", "oas 40"), "more than 16 root tables"}};
        for (String[] c : cases) {
            assertThatThrownBy(() -> SavedTables.read("a.pgt", c[0].getBytes(StandardCharsets.ISO_8859_1)))
                    .isInstanceOf(SavedTables.BadFileException.class).hasMessageContaining(c[1])
                    .hasMessageStartingWith("a.pgt: offset ");
        }
    }

    @Test
    void aTableThatPointsToItselfIsShownOnce() {
        PageTable table = table(PageTableFormat.ARM_64_LPAE_S1, 1L << 12, 48, 48, true, 0);
        long root = table.registers().root();
        memory.write64(root, root | 3);
        memory.write64(root + 8, 0x8765_4000L | 1);
        assertThat(TableDumpPrinter.print(TableDump.of(table, memory::read64))).isEqualTo(
                "L0[0] 0x0-0x7fffffffff table at 0x" + Long.toHexString(root) + ", shown before\n"
                + "L0[1] 0x8000000000-0xffffffffff -> 0x87654000 1 x 512G rw privileged non-cacheable non-shareable global"
                + " no-access-flag\n");
    }
}
