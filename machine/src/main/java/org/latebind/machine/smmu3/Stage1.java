package org.latebind.machine.smmu3;

/** Stage 1, alone or on top of stage 2, through the TLB. */
final class Stage1 {

    private static final int WORLD_EL2 = 2;
    private static final int SELECTOR_BIT = 55;

    private final Hardware hardware;
    private final Caches caches;
    private final Stage2 stage2;

    Stage1(Hardware hardware, Caches caches, Stage2 stage2) {
        this.hardware = hardware;
        this.caches = caches;
        this.stage2 = stage2;
    }

    /** Translates one input address; the leaf's output is that of the address itself, after both stages. */
    WalkResult translate(StreamTableEntry ste, ContextDescriptor cd, long address, boolean write) {
        Features f = hardware.features();
        int half = (int) (address >>> SELECTOR_BIT) & 1;
        long input = cd.topByteIgnored(half) ? address << 8 >> 8 : address;
        boolean el2 = !ste.stage2() && ste.world() == WORLD_EL2;
        WalkParameters p = cd.disabled(half) ? null : WalkParameters.stage1(cd, half, el2, f);
        if (p == null || input >> p.inputBits() != (half == 0 ? 0 : -1)) {
            return input(new WalkResult.Stop(Fault.walk(Fault.F_TRANSLATION, 0)), address, write, cd);
        }
        int vmid = ste.vmid() & f.vmidMask();
        int asid = cd.asid() & f.asidMask();
        Tlb.Entry hit = caches.tlb().lookup(el2, vmid, asid, p.granuleShift(), p.shift(p.startLevel()), input);
        WalkResult fresh = walk(p, ste, cd, input, address, write);
        if (hit == null) {
            if (!(fresh instanceof WalkResult.Leaf leaf)) {
                return fresh;
            }
            if (!leaf.allows(write)) {
                return permission(address, write, cd);
            }
            caches.tlb().insert(entry(el2, vmid, asid, p.granuleShift(), input, leaf));
            return leaf;
        }
        WalkResult.Leaf kept = hit.leaf();
        WalkResult.Leaf answer = new WalkResult.Leaf(hit.translate(input), hit.sizeShift(), kept.level(), kept.readable(),
                kept.writable(), kept.global(), kept.device());
        // With two stages a refused access never gets as far as a comparable leaf.
        if (!answer.equals(fresh) && (answer.allows(write) || !ste.stage2())) {
            hardware.complain("smmu3-stale-translation", "ASID " + asid + ", VMID " + vmid + ", address " + Hardware.hex(input)
                    + ": the TLB says " + answer + ", memory says " + fresh);
        }
        return answer.allows(write) ? answer : permission(address, write, cd);
    }

    private static Tlb.Entry entry(boolean el2, int vmid, int asid, int granuleShift, long input, WalkResult.Leaf leaf) {
        long offset = input & (1L << leaf.sizeShift()) - 1;
        WalkResult.Leaf based = new WalkResult.Leaf(leaf.output() - offset, leaf.sizeShift(), leaf.level(), leaf.readable(),
                leaf.writable(), leaf.global(), leaf.device());
        return new Tlb.Entry(el2, vmid, asid, granuleShift, input - offset, leaf.sizeShift(), based);
    }

    private static WalkResult permission(long address, boolean write, ContextDescriptor cd) {
        return input(new WalkResult.Stop(Fault.walk(Fault.F_PERMISSION, 0)), address, write, cd);
    }

    private static WalkResult input(WalkResult.Stop stop, long address, boolean write, ContextDescriptor cd) {
        return new WalkResult.Stop(stop.fault().forInput(address, write, Fault.CLASS_INPUT, cd.records()));
    }

    private WalkResult walk(WalkParameters p, StreamTableEntry ste, ContextDescriptor cd, long input, long address,
            boolean write) {
        long withinTable = input & (p.inputBits() == 64 ? -1L : (1L << p.inputBits()) - 1);
        DescriptorSource memory = hardware.memory();
        DescriptorSource source = !ste.stage2() ? memory : table -> throughStage2(ste, table, memory, address, write);
        WalkResult result = TableWalk.run(p, withinTable, source);
        if (result instanceof WalkResult.Stop stop) {
            boolean ofStage2 = stop.fault().word1() != 0;
            return ofStage2 ? stop : input(stop, address, write, cd);
        }
        WalkResult.Leaf leaf = (WalkResult.Leaf) result;
        return ste.stage2() ? combined(leaf, ste, cd, address, write) : leaf;
    }

    private DescriptorSource.Fetched throughStage2(StreamTableEntry ste, long table, DescriptorSource memory, long address,
            boolean write) {
        WalkResult through = stage2.translate(ste, table, false);
        if (through instanceof WalkResult.Stop stop) {
            return new DescriptorSource.Fetched(0,
                    stop.fault().forInput(address, write, Fault.CLASS_WALK, ste.s2Records()));
        }
        WalkResult.Leaf leaf = (WalkResult.Leaf) through;
        if (leaf.device() && ste.s2ProtectsWalks()) {
            return new DescriptorSource.Fetched(0, Fault.walk(Fault.F_PERMISSION, 0).stage2(table)
                    .forInput(address, write, Fault.CLASS_WALK, ste.s2Records()));
        }
        return memory.fetch(leaf.output());
    }

    /** Stage 2 of the final address. The stage-1 permission is judged before stage 2 is asked. */
    private WalkResult combined(WalkResult.Leaf leaf, StreamTableEntry ste, ContextDescriptor cd, long address, boolean write) {
        if (!leaf.allows(write)) {
            return permission(address, write, cd);
        }
        WalkResult through = stage2.translate(ste, leaf.output(), write);
        if (through instanceof WalkResult.Stop stop) {
            return new WalkResult.Stop(stop.fault().forInput(address, write, Fault.CLASS_INPUT, ste.s2Records()));
        }
        WalkResult.Leaf final2 = (WalkResult.Leaf) through;
        return new WalkResult.Leaf(final2.output(), Math.min(leaf.sizeShift(), final2.sizeShift()), leaf.level(),
                leaf.readable() && final2.readable(), leaf.writable() && final2.writable(), leaf.global(), final2.device());
    }
}
