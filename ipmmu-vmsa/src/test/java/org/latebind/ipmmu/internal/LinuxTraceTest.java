package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.iommu.Protection;
import org.latebind.machine.ipmmu.IpmmuFactory;

/**
 * Register writes of every sequence, in order, against stored texts. Table bases are written as {@code table}: where the
 * allocator puts them is not the driver's business.
 */
class LinuxTraceTest {

    private static final long IOVA = 0x1000_0000L;

    private Golden trace;
    private Bench bench;

    @Test
    void gen2SequencesWriteTheseRegisters() {
        run(Boards.gen2(2));
        trace.matches("linux-gen2.txt");
    }

    @Test
    void gen3SequencesWriteTheseRegisters() {
        run(Boards.gen3(2));
        trace.matches("linux-gen3.txt");
    }

    @Test
    void gen4SequencesWriteTheseRegisters() {
        run(Boards.gen4(2));
        trace.matches("linux-gen4.txt");
    }

    private void run(DeviceTree tree) {
        // What the boot firmware leaves in micro-TLBs must survive the probe: no leaf register is touched there.
        bench = new Bench(tree, AllowRule.ALL, Map.of(IpmmuFactory.FLUSH_MICROS, "3"));
        trace = new Golden(bench);
        String leaf = Boards.leaf(tree, 0);
        String a = Boards.master(tree, 'a', 0);
        String b = Boards.master(tree, 'b', 0);
        if (Boards.root(tree) != null) {
            bench.probe(Boards.root(tree));
            trace.section("4.1 probe of the root");
        }
        bench.probe(leaf);
        trace.section("4.1 probe of a leaf");
        bench.attach(a);
        trace.section("4.2, 4.3, 4.4 first attach: domain set-up, micro-TLBs 2, 31 and a third");
        bench.attach(b);
        trace.section("4.3 second client of the leaf: micro-TLB 2 is on already, 7 is new");
        long page = bench.page();
        assertThat(bench.domain(a).map(IOVA, page, 4096, 1, Protection.READ | Protection.WRITE)).isEqualTo(4096);
        trace.section("map: never an invalidation");
        assertThat(bench.domain(a).unmap(IOVA, 4096, 1, null)).isEqualTo(4096);
        bench.domain(a).flushAll();
        trace.section("4.6 invalidation after an unmap");
        bench.master(a).write(0, IOVA, new byte[4]);
        trace.section("4.8 interrupt of a translation fault");
        bench.binding(leaf).suspend();
        if (Boards.root(tree) != null) {
            bench.binding(Boards.root(tree)).suspend();
        }
        bench.machine.resetAll();
        bench.trace.clear();
        if (Boards.root(tree) != null) {
            bench.binding(Boards.root(tree)).resume();
        }
        bench.binding(leaf).resume();
        trace.section("4.9 resume");
        bench.release(a);
        trace.section("4.5 first client leaves: micro-TLB 2 has another user");
        bench.release(b);
        trace.section("4.5, 4.7 last client leaves: domain freed");
        bench.remove(leaf);
        trace.section("4.10 remove of the leaf");
        if (Boards.root(tree) != null) {
            bench.remove(Boards.root(tree));
            trace.section("4.10 remove of the root");
        }
        assertThat(bench.machine.findings()).isEmpty();
    }
}
