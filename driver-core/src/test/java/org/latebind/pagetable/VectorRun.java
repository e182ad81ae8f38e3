package org.latebind.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.latebind.hardware.PhysicalMemory;

/** Executes one case of a vector file and compares everything it states. */
final class VectorRun implements TlbInvalidation {

    private final JsonNode test;
    private final Behaviour behaviour;
    private final PhysicalMemory memory;
    private final TestMemory.Allocator allocator = new TestMemory.Allocator(0x8000_0000L);
    private final List<String> tlb = new ArrayList<>();
    private int warnings;

    VectorRun(JsonNode test, Behaviour behaviour, boolean arrays) {
        this.test = test;
        this.behaviour = behaviour;
        TestMemory all = new TestMemory();
        memory = arrays ? all : all.plain();
    }

    void run() {
        JsonNode cfg = test.get("cfg");
        PageTableConfig config = new PageTableConfig(hex(cfg, "pgsizeBitmap"), cfg.get("ias").intValue(),
                cfg.get("oas").intValue(), cfg.get("coherentWalk").booleanValue(), cfg.get("quirks").intValue(), behaviour);
        PageTableFormat format = PageTableFormat.valueOf(test.get("format").textValue());
        PageTable table = PageTables.allocate(format, config, memory, allocator, this, (w, iova, size) -> warnings++);
        JsonNode alloc = test.get("alloc");
        assertThat(table != null).as("allocation succeeds").isEqualTo(alloc.get("ok").booleanValue());
        if (table == null) {
            return;
        }
        checkAllocation(table, alloc);
        int number = 0;
        for (JsonNode op : test.get("ops")) {
            runOperation(table, op, "operation " + number++ + " " + op);
        }
        assertThat(new TreeReader(memory, alloc).read(table.registers().root())).as("dump").isEqualTo(expectedDump());
        assertThat(allocator.count()).as("live tables").isEqualTo(test.get("liveTables").intValue());
        for (JsonNode t : test.get("translate")) {
            assertThat(table.iovaToPhys(hex(t, "iova"))).as("translation " + t).isEqualTo(hex(t, "pa"));
        }
        tlb.clear();
        table.free();
        assertThat(tlb).containsExactly("all");
        assertThat(allocator.count()).as("tables left after free").isZero();
    }

    private static void checkAllocation(PageTable table, JsonNode alloc) {
        assertThat(table.config().pageSizes()).isEqualTo(hex(alloc, "pgsizeBitmap"));
        assertThat(table.config().ias()).isEqualTo(alloc.get("ias").intValue());
        assertThat(table.config().oas()).isEqualTo(alloc.get("oas").intValue());
        Geometry g = table.geometry();
        assertThat(g.granule()).isEqualTo(hex(alloc, "granule"));
        assertThat(g.startLevel()).isEqualTo(alloc.get("startLevel").intValue());
        assertThat(g.bitsPerLevel()).isEqualTo(alloc.get("bitsPerLevel").intValue());
        assertThat(g.pgdBits()).isEqualTo(alloc.get("pgdBits").intValue());
        assertThat(g.pgdBytes()).isEqualTo(hex(alloc, "pgdBytes"));
        if (table.registers() instanceof Registers.Stage1 r) {
            JsonNode tcr = alloc.get("tcr");
            assertThat(List.of(r.ips(), r.tg(), r.sh(), r.orgn(), r.irgn(), r.tsz()))
                    .isEqualTo(ints(tcr, "ips", "tg", "sh", "orgn", "irgn", "tsz"));
            assertThat(r.packedLow()).isEqualTo((int) hex(tcr, "packedLow"));
            assertThat((int) r.mair()).isEqualTo((int) hex(alloc, "mair"));
        } else if (table.registers() instanceof Registers.Stage2 r) {
            JsonNode vtcr = alloc.get("vtcr");
            assertThat(List.of(r.ps(), r.tg(), r.sh(), r.orgn(), r.irgn(), r.sl(), r.tsz()))
                    .isEqualTo(ints(vtcr, "ps", "tg", "sh", "orgn", "irgn", "sl", "tsz"));
            assertThat(r.packed()).isEqualTo((int) hex(vtcr, "packed"));
        } else {
            throw new AssertionError("vectors know no registers of " + table.format());
        }
    }

    private static List<Integer> ints(JsonNode node, String... names) {
        List<Integer> values = new ArrayList<>();
        for (String name : names) {
            values.add(node.get(name).intValue());
        }
        return values;
    }

    private void runOperation(PageTable table, JsonNode op, String what) {
        tlb.clear();
        warnings = 0;
        long iova = hex(op, "iova");
        long size = hex(op, "pgsize");
        long count = op.get("pgcount").longValue();
        if (op.get("op").textValue().equals("map")) {
            long result = table.mapPages(iova, hex(op, "paddr"), size, count, op.get("prot").intValue());
            assertThat(Math.min(result, 0)).as(what).isEqualTo(op.get("ret").longValue());
            assertThat(Math.max(result, 0)).as(what).isEqualTo(hex(op, "mapped"));
        } else {
            assertThat(table.unmapPages(iova, size, count, new Gather())).as(what).isEqualTo(hex(op, "ret"));
        }
        assertThat(warnings > 0).as("warning of " + what).isEqualTo(op.get("warn").booleanValue());
        assertThat(tlb).as("invalidations of " + what).isEqualTo(expectedInvalidations(op));
    }

    private static List<String> expectedInvalidations(JsonNode op) {
        List<String> expected = new ArrayList<>();
        for (JsonNode t : op.path("tlb")) {
            expected.add(invalidation(t.get("t").textValue(), hex(t, "iova"), hex(t, "size"), hex(t, "granule")));
        }
        return expected;
    }

    private static String invalidation(String type, long iova, long size, long granule) {
        return String.format("%s %x+%x/%x", type, iova, size, granule);
    }

    private List<String> expectedDump() {
        List<String> lines = new ArrayList<>();
        for (JsonNode entry : test.get("dump")) {
            List<Integer> path = new ArrayList<>();
            entry.get("path").forEach(i -> path.add(i.intValue()));
            String kind = entry.get("kind").textValue();
            boolean leaf = entry.has("value");
            long value = hex(entry, leaf ? "value" : "bits");
            int count = entry.path("count").intValue();
            String stride = entry.path("stride").asText("0x0");
            long step = stride.startsWith("-") ? -unsigned(stride.substring(1)) : unsigned(stride);
            int last = path.size() - 1;
            for (int i = 0; i < Math.max(1, count); i++) {
                lines.add(TreeReader.line(entry.get("level").intValue(), path, kind, value + i * step));
                path.set(last, path.get(last) + 1);
            }
        }
        return lines;
    }

    static long hex(JsonNode node, String name) {
        return unsigned(node.get(name).textValue());
    }

    private static long unsigned(String text) {
        return Long.parseUnsignedLong(text.substring(2), 16);
    }

    @Override
    public void flushAll() {
        tlb.add("all");
    }

    @Override
    public void flushWalk(long iova, long sizeBytes, long granule) {
        tlb.add(invalidation("walk", iova, sizeBytes, granule));
    }

    @Override
    public void addPage(Gather gather, long iova, long granule) {
        tlb.add(invalidation("page", iova, granule, granule));
    }
}
