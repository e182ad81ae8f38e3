package org.latebind.machine.smmu2;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Mmio;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;

/** One SMMU with two masters, programmed by hand. */
final class Hardware {

    static final String MASTER = "/dma@10000000";
    private static final long BASE = 0x2b400000L;
    private static final int SIZE = 0x20000;
    private static final int PAGES = 16;

    final SimMachine machine;
    final Mmio mmio;
    private long nextTable = 0x81000000L;

    Hardware(String compatible, Map<String, String> options) {
        DeviceTree tree = DtsReader.read("test.dts", """
                /dts-v1/;
                / { compatible = "latebind,test"; #address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;
                  memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x10000000>; };
                  gic: interrupt-controller@1000 { compatible = "arm,gic-400"; reg = <0 0x1000 0 0x1000>;
                    interrupt-controller; #interrupt-cells = <3>; };
                  smmu: iommu@2b400000 { compatible = "%s"; reg = <0 0x2b400000 0 0x20000>; #global-interrupts = <1>;
                    #iommu-cells = <1>; interrupts = <0 10 4>, <0 11 4>, <0 12 4>, <0 13 4>, <0 14 4>; };
                  dma@10000000 { compatible = "test,dma"; iommus = <&smmu 0x10>, <&smmu 0x11>; };
                };
                """.formatted(compatible));
        machine = SimMachine.of(tree, BuiltInModels.factories(), options);
        mmio = machine.map(BASE, SIZE);
    }

    static Hardware v2() {
        return new Hardware("arm,smmu-v2", Map.of());
    }

    void gr0(int offset, int value) {
        mmio.write32(offset, value);
    }

    void gr1(int offset, int value) {
        mmio.write32(0x1000 + offset, value);
    }

    void cb(int bank, int offset, int value) {
        mmio.write32((PAGES + bank) * 0x1000L + offset, value);
    }

    void cb64(int bank, int offset, long value) {
        mmio.write64((PAGES + bank) * 0x1000L + offset, value);
    }

    int readCb(int bank, int offset) {
        return mmio.read32((PAGES + bank) * 0x1000L + offset);
    }

    /** The TLB is emptied and clients are served; unmatched streams fault. */
    void open(int more) {
        gr0(Offsets.TLBIALLNSNH, -1);
        gr0(Offsets.STLBGSYNC, -1);
        gr0(Offsets.SCR0, Offsets.GFRE | Offsets.GFIE | Offsets.USFCFG | Offsets.VMID16EN & more | more);
    }

    /** Entry {@code n} leads stream {@code id} to a bank. */
    void stream(int n, int id, int s2cr) {
        gr0(Offsets.S2CR + 4 * n, s2cr);
        gr0(Offsets.SMR + 4 * n, 1 << 31 | id);
    }

    /** Stage 1, 4 KiB, 39 bits: a root at level 1. Returns the root. */
    long stage1(int bank, int asid) {
        long root = table();
        gr1(Offsets.CBA2R + 4 * bank, 1);
        gr1(Offsets.CBAR + 4 * bank, 0x1f300);
        cb(bank, Offsets.TCR2, 0x38015);
        cb(bank, Offsets.TCR, 0x803519);
        cb64(bank, Offsets.TTBR0, root | (long) asid << 48);
        cb(bank, Offsets.SCTLR, 0x1067);
        return root;
    }

    /** Stage 2, 4 KiB, 40 bits: two concatenated roots at level 1. */
    long stage2(int bank, int vmid) {
        long root = nextTable = nextTable + 0x1fff & -0x2000L;
        nextTable += 0x2000;
        gr1(Offsets.CBA2R + 4 * bank, 1);
        gr1(Offsets.CBAR + 4 * bank, vmid);
        cb(bank, Offsets.TCR, 0x80023558);
        cb64(bank, Offsets.TTBR0, root);
        cb(bank, Offsets.SCTLR, 0x67);
        return root;
    }

    long table() {
        long at = nextTable;
        nextTable += 0x1000;
        return at;
    }

    /** Maps one 4 KiB page below a level-1 root; attributes are the descriptor's low bits. */
    void map(long root, long iova, long pa, long attributes) {
        long level2 = next(root + 8 * (iova >>> 30));
        long level3 = next(level2 + 8 * (iova >>> 21 & 511));
        machine.memory().write64(level3 + 8 * (iova >>> 12 & 511), pa | attributes);
    }

    private long next(long at) {
        long descriptor = machine.memory().read64(at);
        if (descriptor == 0) {
            descriptor = table() | 3;
            machine.memory().write64(at, descriptor);
        }
        return descriptor & 0xfffffffff000L;
    }

    DmaResult read(long address) {
        return machine.master(MASTER).orElseThrow().read(0, address, new byte[8]);
    }

    DmaResult write(long address) {
        return machine.master(MASTER).orElseThrow().write(0, address, new byte[8]);
    }

    List<String> rules() {
        List<String> rules = new ArrayList<>();
        machine.findings().forEach(f -> rules.add(f.rule()));
        return rules;
    }
}
