package org.latebind.machine.smmu3;

/** Stage 2: intermediate addresses to physical ones, through a cache of its own. */
final class Stage2 {

    private final Hardware hardware;
    private final Caches caches;

    Stage2(Hardware hardware, Caches caches) {
        this.hardware = hardware;
        this.caches = caches;
    }

    /** Translates one intermediate address; the leaf's output is that of the address itself. */
    WalkResult translate(StreamTableEntry ste, long ipa, boolean write) {
        Features f = hardware.features();
        WalkParameters p = WalkParameters.stage2(ste, f);
        int vmid = ste.vmid() & f.vmidMask();
        Tlb.Entry hit = caches.stage2().lookup(false, vmid, 0, p.granuleShift(), p.shift(p.startLevel()), ipa);
        WalkResult fresh = TableWalk.run(p, ipa, hardware.memory());
        WalkResult result = fresh;
        if (hit != null) {
            WalkResult.Leaf kept = hit.leaf();
            WalkResult.Leaf answer = new WalkResult.Leaf(hit.translate(ipa), kept.sizeShift(), kept.level(), kept.readable(),
                    kept.writable(), false, kept.device());
            if (!answer.equals(fresh)) {
                hardware.complain("smmu3-stale-translation", "stage 2, VMID " + vmid + ", IPA " + Hardware.hex(ipa)
                        + ": the TLB says " + answer + ", memory says " + fresh);
            }
            result = answer;
        }
        if (result instanceof WalkResult.Stop stop) {
            return new WalkResult.Stop(stop.fault().stage2(ipa));
        }
        WalkResult.Leaf leaf = (WalkResult.Leaf) result;
        if (!leaf.allows(write)) {
            return new WalkResult.Stop(Fault.walk(Fault.F_PERMISSION, 0).stage2(ipa));
        }
        if (hit == null) {
            caches.stage2().insert(entry(vmid, p.granuleShift(), ipa, leaf));
        }
        return leaf;
    }

    private static Tlb.Entry entry(int vmid, int granuleShift, long ipa, WalkResult.Leaf leaf) {
        long offset = ipa & (1L << leaf.sizeShift()) - 1;
        WalkResult.Leaf based = new WalkResult.Leaf(leaf.output() - offset, leaf.sizeShift(), leaf.level(), leaf.readable(),
                leaf.writable(), true, leaf.device());
        return new Tlb.Entry(false, vmid, 0, granuleShift, ipa - offset, leaf.sizeShift(), based);
    }
}
