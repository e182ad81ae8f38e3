package org.latebind.smmu.v3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.iommu.PagingDomain;
import org.latebind.pagetable.Gather;

/** What SMMU_IIDR tells of broken implementations. */
class ErrataTest {

    private static final int SID = 8;
    private static final int CMDQ_CONS = 0x9c;

    private static Rig rig(String iidr) {
        Map<String, String> options = new HashMap<>(Rig.LIKE_QEMU);
        options.put("smmu3.idr0", "0x0d44101b");
        options.put("smmu3.idr3", "0x4");
        options.put("smmu3.iidr", iidr);
        return Rig.model(options).load(Settings.DEFAULT);
    }

    /** MMU-600 before r2, MMU-700 before r1p1. */
    @ParameterizedTest
    @CsvSource({"0x4831043b,false", "0x4832243b,true", "0x4870043b,false", "0x4871043b,false", "0x4871143b,true", "0x48700999,true",
        "0,true"})
    void hardwareInWhichNestingIsBrokenOffersNoParent(String iidr, boolean offered) {
        try (Rig rig = rig(iidr)) {
            assertThat(rig.ops().allocateNestingParent(rig.client(SID)) != null).isEqualTo(offered);
        }
    }

    /** 200 pages are three full batches and a rest: MMU-700 before r1p1 wants each of them awaited. */
    @ParameterizedTest
    @CsvSource({"0x4870043b,4", "0x4871143b,1"})
    void fullBatchesAreAwaitedWhereTheHardwareNeedsIt(String iidr, int syncs) {
        try (Rig rig = rig(iidr)) {
            PagingDomain domain = rig.attach(rig.client(SID));
            int[] polls = new int[1];
            rig.sim().addListener((path, window, offset, write, value) -> polls[0] += !write && offset == CMDQ_CONS ? 1 : 0);
            Gather gather = new Gather();
            gather.add(0x100000, 200 * 4096L, 4096);
            domain.sync(gather);
            assertThat(polls[0]).isEqualTo(syncs);
            assertThat(rig.rules()).isEmpty();
        }
    }
}
