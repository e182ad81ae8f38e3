package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.hardware.DmaResult;
import org.latebind.iommu.FaultHandler;
import org.latebind.iommu.Protection;

/** The fault interrupt (IPMMU sheet, section 4.8): who is served, what is told, what a storm costs. */
class InterruptTest {

    private static final int STORM = 5000;
    private static final int LINES = 10;
    private static final long INTERVAL_MICROS = 5_000_000L;

    private static Bench running(DeviceTree tree) {
        Bench bench = new Bench(tree, AllowRule.ALL);
        assertThat(bench.probeAll()).isEmpty();
        bench.attach(Boards.master(tree, 'a', 0));
        bench.machine.delay().micros(10);
        bench.trace.clear();
        bench.log.clear();
        return bench;
    }

    /** Every fault is served, or the line would stay up; only what is told of them is bounded. */
    @Test
    void stormIsServedToTheEndAndToldTenLinesAtATime() {
        DeviceTree tree = Boards.gen3(1);
        Bench bench = running(tree);
        String master = Boards.master(tree, 'a', 0);
        for (int i = 0; i < STORM; i++) {
            assertThat(bench.transfer(master, 0, 0x1000L * i, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
        }
        assertThat(bench.log).hasSize(LINES).allMatch(l -> l.contains("translation fault at iova 0x"));
        assertThat(bench.trace).as("status cleared each time").hasSize(STORM);
        assertThat(bench.device(Boards.root(tree)).registers(0).read32(0x60)).isZero();
        bench.machine.delay().micros(INTERVAL_MICROS);
        bench.transfer(master, 0, 0x7000, new byte[1]);
        assertThat(bench.log).hasSize(LINES + 1).last().asString()
                .contains((STORM - LINES) + " faults before this one were not told; translation fault at iova 0x7000");
        assertThat(bench.machine.findings()).isEmpty();
    }

    /** Both instances of this Gen2 board sit on one line: each looks at its own contexts and writes nothing else. */
    @Test
    void lineIsSharedAndOnlyTheFaultingInstanceIsTouched() {
        Bench bench = running(DtsReader.read("bench.dts", Boards.gen2Text(2).replace("interrupts = <0 199 4>",
                "interrupts = <0 198 4>")));
        bench.attach(Boards.master(bench.tree, 'a', 1));
        bench.machine.delay().micros(10);
        bench.trace.clear();
        bench.log.clear();
        assertThat(bench.machine.interruptHandlers()).isEqualTo(2);
        bench.transfer(Boards.master(bench.tree, 'a', 1), 0, 0x1000, new byte[1]);
        assertThat(bench.trace).containsExactly("e6750000 +0x00820 = 0x00000000");
        assertThat(bench.log).singleElement().asString().contains("e6750000.iommu: translation fault at iova 0x1000");
    }

    @Test
    void interruptOfAnotherDeviceIsNotMine() {
        Bench bench = running(Boards.gen3(1));
        assertThat(new RootInterrupt(bench.driver.instances().root()).handle()).isFalse();
        assertThat(bench.trace).isEmpty();
        assertThat(bench.log).isEmpty();
    }

    /** Cleared and told, yet "none of mine": what mainline answers for aborts without a fault. */
    @Test
    void abortAloneIsClearedAndToldButNotClaimed() {
        DeviceTree tree = Boards.gen3(1);
        Bench bench = running(tree);
        List<Runnable> later = new ArrayList<>();
        bench.machine.interrupts().runHandlersOn(later::add);
        long table = Integer.toUnsignedLong(bench.device(Boards.root(tree)).registers(0).read32(0x50));
        bench.machine.memory().write64(table + 3 * Long.BYTES, 0x8000_00F0_0000_0003L);
        bench.transfer(Boards.master(tree, 'a', 0), 0, 0xC000_0000L, new byte[1]);
        assertThat(later).hasSize(1);
        RootInterrupt handler = new RootInterrupt(bench.driver.instances().root());
        assertThat(handler.handle()).isFalse();
        assertThat(bench.log).singleElement().asString().contains("abort on table walk at iova 0xc0000000");
        assertThat(bench.trace).containsExactly("e67b0000 +0x00060 = 0x00000000");
        bench.transfer(Boards.master(tree, 'a', 0), 0, 0x1000, new byte[1]);
        assertThat(handler.handle()).as("a translation fault is claimed").isTrue();
    }

    /** Whoever set a handler for the domain judges its faults; what he knows is not logged, what he declines is. */
    @Test
    void faultHandlerOfTheDomainIsAskedFirst() {
        DeviceTree tree = Boards.gen3(1);
        Bench bench = running(tree);
        String a = Boards.master(tree, 'a', 0);
        List<FaultHandler.Fault> faults = new ArrayList<>();
        FaultHandler.Answer[] answer = {FaultHandler.Answer.TERMINATE};
        assertThat(bench.domain(a).faultHandler(fault -> {
            faults.add(fault);
            return answer[0];
        })).isTrue();
        bench.transfer(a, 0, 0x12_0000_3000L, new byte[1]);
        assertThat(faults).containsExactly(new FaultHandler.Fault(-1, 0x12_0000_3000L, false, false));
        assertThat(bench.log).isEmpty();
        answer[0] = FaultHandler.Answer.UNHANDLED;
        bench.transfer(a, 0, 0x4000, new byte[1]);
        assertThat(faults).hasSize(2);
        assertThat(bench.log).singleElement().asString().contains("translation fault at iova 0x4000");
        bench.domain(a).faultHandler(FaultHandler.NONE);
        bench.transfer(a, 0, 0x5000, new byte[1]);
        assertThat(faults).hasSize(2);
    }

    /** A fault names its context, its leaf and the clients that may have caused it. */
    @Test
    void reportNamesEveryClientOfTheContext() {
        DeviceTree tree = Boards.gen3(1);
        Bench bench = running(tree);
        String a = Boards.master(tree, 'a', 0);
        String b = Boards.master(tree, 'b', 0);
        bench.attach(b);
        bench.log.clear();
        bench.domain(a).map(0x1000, bench.page(), 4096, 1, Protection.READ);
        bench.transfer(a, 0, 0x1000, new byte[1]);
        assertThat(bench.log).containsExactly("ERROR e6740000.iommu: permission fault at iova 0x1000, status 0x00003402, level 3: "
                + "context 1, " + Boards.leaf(tree, 0) + ", clients " + a + ", " + b);
    }
}
