package org.latebind.ipmmu.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.driver.Deferred;
import org.latebind.driver.DeviceProperties;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.hardware.DmaResult;
import org.latebind.machine.ipmmu.IpmmuFactory;
import org.latebind.machine.ipmmu.ProductRegisterFactory;
import org.latebind.pagetable.Gather;
import org.latebind.pagetable.P2mType;
import org.latebind.pagetable.TlbInvalidation;
import org.latebind.pagetable.XenP2m;
import org.latebind.passthrough.XenDevice;
import org.latebind.passthrough.XenDomain;

/**
 * Register writes of Xen mode's refusals, roll-backs, moves and faults, against stored texts; the rest is in
 * {@link XenTraceTest}. Most of it talks to the table of operations directly, as the hypervisor does.
 */
class XenEdgeTraceTest {

    private static final long RAM = 0x4000_0000L;

    private Golden trace;
    private Bench bench;
    private DeviceTree tree;

    /** A domain with one page of each kind at 0x40000000: read-write, then read-only. */
    private final class Guest implements XenDomain {
        private final int id;
        private final XenP2m p2m;

        Guest(int id) {
            this.id = id;
            this.p2m = XenP2m.allocate(40, bench.machine.memory(), bench.machine.pages(), new Silent());
            p2m.map(RAM >>> 12, bench.page() >>> 12, 1, P2mType.RAM_RW);
            p2m.map((RAM >>> 12) + 1, bench.page() >>> 12, 1, P2mType.RAM_RO);
            assertThat(bench.driver.xenOps().initDomain(this)).isNull();
        }

        @Override
        public int id() {
            return id;
        }

        @Override
        public long p2mRoot() {
            return p2m.root();
        }

        @Override
        public int ipaBits() {
            return p2m.ipaBits();
        }
    }

    private static final class Silent implements TlbInvalidation {
        @Override
        public void flushAll() {
        }

        @Override
        public void flushWalk(long iova, long sizeBytes, long granule) {
        }

        @Override
        public void addPage(Gather gather, long iova, long granule) {
        }
    }

    private record Master(String path, DeviceProperties properties, String iommuPath, int[] ids) implements XenDevice {
        @Override
        public int idCount() {
            return ids.length;
        }

        @Override
        public int id(int index) {
            return ids[index];
        }

        @Override
        public boolean isProtected() {
            return true;
        }
    }

    @Test
    void gen3EdgesOfXenWriteTheseRegisters() {
        run(Boards.gen3Text(8));
        trace.matches("xen-gen3-edges.txt");
    }

    @Test
    void gen4EdgesOfXenWriteTheseRegisters() {
        run(Boards.gen4Text(16));
        trace.matches("xen-gen4-edges.txt");
    }

    private void power(Map<String, String> options) {
        bench = Bench.xen(tree, options);
        trace = trace == null ? new Golden(bench) : trace.on(bench);
    }

    private void booted(Map<String, String> options) {
        power(options);
        assertThat(bench.bootXen().result()).isNull();
        bench.trace.clear();
    }

    private Master master(char which, int i) {
        String path = Boards.master(tree, which, i);
        int[] ids = bench.specifiers(path).stream().mapToInt(s -> s.cells()[0]).toArray();
        return new Master(path, tree.byPath(path), Boards.leaf(tree, i), ids);
    }

    private void run(String text) {
        // The second master of a leaf names its own micro-TLB first and the shared one last: something to roll back.
        tree = DtsReader.read("bench.dts", text.replaceAll("iommus = <&(leaf\\d+) 2>, <&leaf\\d+ 7>;",
                "iommus = <&$1 7>, <&$1 2>;"));
        probes();
        assignments();
        contextsTaken();
        moves();
        hardwareDomain();
        faults();
        booted(Map.of(IpmmuFactory.FLUSH_STUCK, "true"));
        Guest guest = new Guest(1);
        bench.driver.xenOps().assign(guest, master('a', 0));
        bench.trace.clear();
        bench.driver.xenOps().flush(guest);
        assertThat(bench.log).last().asString().endsWith("TLB sync timed out -- MMU may be deadlocked");
        trace.section("6.13 invalidation that never ends: given up after 100 us");
    }

    private void probes() {
        power(Map.of(ProductRegisterFactory.VALUE, "0x4f11"));
        assertThat(((Failed) bench.probe(Boards.root(tree))).errno()).isEqualTo(Errno.ENODEV);
        assertThat(bench.probe(Boards.leaf(tree, 0))).isInstanceOf(Deferred.class);
        trace.section("6.2, 6.3 root of a cut that is too old, and a leaf of it: refused, deferred");
        power(Map.of(IpmmuFactory.SECGRP, "true", IpmmuFactory.FIRMWARE, "tf-a", ProductRegisterFactory.VALUE, "0x5501"));
        bench.probe(Boards.root(tree));
        bench.probe(Boards.leaf(tree, 0));
        trace.section("6.2 probes over what the firmware left: other bits stay, USE_SECGRP goes");
    }

    private void assignments() {
        booted(Map.of());
        XenOps ops = bench.driver.xenOps();
        Guest one = new Guest(1);
        Guest two = new Guest(2);
        ops.flush(one);
        trace.section("6.13 invalidation of a domain without a context");
        Master nowhere = new Master("/soc/nowhere", tree.byPath("/soc"), null, new int[0]);
        assertThat(ops.assign(one, nowhere)).isEqualTo(Errno.ENODEV);
        trace.section("6.8 device without an IPMMU: ENODEV");
        Master a = master('a', 0);
        ops.assign(one, a);
        bench.trace.clear();
        assertThat(ops.assign(one, a)).isEqualTo(Errno.EEXIST);
        trace.section("6.8 device that is attached already: EEXIST");
        assertThat(ops.assign(two, master('b', 0))).isEqualTo(Errno.EINVAL);
        trace.section("6.8 second micro-TLB is another domain's: context taken, first micro-TLB on and off again, EINVAL");
        assertThat(ops.reassign(two, null, a)).isEqualTo(Errno.ESRCH);
        assertThat(ops.reassign(one, two, a)).isEqualTo(Errno.EPERM);
        assertThat(ops.reassign(one, one, a)).isEqualTo(Errno.EPERM);
        trace.section("6.9, 6.10 device of another domain ESRCH, target that is a guest EPERM");
        ops.teardownDomain(two);
        trace.section("6.12 teardown of a domain without devices: its context stops in the root");
        ops.assign(one, master('a', 1));
        bench.trace.clear();
        ops.flush(one);
        trace.section("6.13 invalidation: every leaf of the domain, then the root");
    }

    private void contextsTaken() {
        booted(Map.of());
        int usable = bench.driver.instances().root().features().usableContexts();
        for (int i = 0; i < usable; i++) {
            assertThat(bench.driver.xenOps().assign(new Guest(i + 1), master('a', i))).isNull();
        }
        bench.trace.clear();
        assertThat(bench.driver.xenOps().assign(new Guest(usable + 1), master('a', usable))).isEqualTo(Errno.EBUSY);
        trace.section("6.8 all contexts are taken, one more domain: EBUSY");
    }

    private void moves() {
        booted(Map.of());
        XenOps ops = bench.driver.xenOps();
        Guest guest = new Guest(1);
        Guest hardware = new Guest(0);
        Master a = master('a', 0);
        ops.assign(guest, a);
        bench.trace.clear();
        assertThat(ops.reassign(guest, hardware, a)).isNull();
        trace.section("6.10 from a guest to the hardware domain: taken away, then assigned");
        assertThat(ops.reassign(hardware, hardware, a)).isNull();
        trace.section("6.10 to the domain that has it: nothing to do");
    }

    private void hardwareDomain() {
        booted(Map.of());
        assertThat(bench.passthrough.buildHardwareDomain()).isZero();
        List<String> firstLeaf = bench.trace.stream().filter(l -> l.startsWith(bench.trace.get(5).substring(0, 8))
                || l.startsWith("e67b0000")).toList();
        bench.trace.clear();
        bench.trace.addAll(firstLeaf);
        trace.section("6.11 hardware domain: root, and the leaf of its first two devices");
        assertThat(bench.passthrough.create(1, 1 << 20).ok()).isTrue();
        bench.passthrough.deassign(0, Boards.master(tree, 'a', 0));
        bench.passthrough.deassign(0, Boards.master(tree, 'b', 0));
        bench.trace.clear();
        assertThat(bench.passthrough.assign(1, Boards.master(tree, 'a', 0)).ok()).isTrue();
        trace.section("6.8 a device that was the hardware domain's, for a guest");
        assertThat(bench.passthrough.reboot(1).ok()).isTrue();
        trace.section("6.12 reboot: device off, mappings dropped, context stopped; then a new table in a context");
    }

    private void faults() {
        booted(Map.of(IpmmuFactory.MULTIPLE_HITS, "true"));
        Guest guest = new Guest(1);
        Master a = master('a', 0);
        bench.driver.xenOps().assign(guest, a);
        bench.machine.delay().micros(10);
        bench.trace.clear();
        assertThat(bench.transfer(a.path(), 0, RAM + 0x1000, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
        assertThat(bench.log).last().asString().contains("permission fault at iova 0x40001000").contains("domain 1");
        trace.section("6.14 interrupt of a permission fault: never an invalidation");
        bench.master(a.path()).read(0, RAM, new byte[1]);
        guest.p2m.unmap(RAM >>> 12, 1);
        guest.p2m.map(RAM >>> 12, bench.page() >>> 12, 1, P2mType.RAM_RW);
        assertThat(bench.transfer(a.path(), 0, RAM, new byte[1])).isEqualTo(DmaResult.Kind.FAULT);
        assertThat(bench.log).last().asString().contains("multiple TLB hits at iova 0x40000000");
        trace.section("6.14 interrupt of multiple hits");
        assertThat(bench.rules()).containsExactly("ipmmu-stale-translation");
    }
}
