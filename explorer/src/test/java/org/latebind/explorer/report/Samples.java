package org.latebind.explorer.report;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Finding;
import org.latebind.explorer.Repair;
import org.latebind.explorer.Rule;
import org.latebind.explorer.Trail;
import org.latebind.explorer.Verdict;
import org.latebind.probe.Outcome;
import org.latebind.probe.Reason;
import org.latebind.schedule.Schedule;

/** A small exploration, written by hand, with everything reports have to cope with: quotes, tags, no schedule, no repair. */
final class Samples {

    /** Text that would break any format that does not escape it. */
    static final String HOSTILE = "</script><b>\"&'\u2028]]>";

    private Samples() {
    }

    static DeviceTree tree() {
        return DtsReader.read("sample.dts", """
                /dts-v1/;
                / {
                    model = "Sample <board>";
                    mmu: iommu@1 { compatible = "t,mmu"; #iommu-cells = <0>; };
                    dma@2 { compatible = "t,dma"; iommus = <&mmu>; };
                    gpu@3 { compatible = "t,gpu"; iommus = <&mmu>; };
                };
                """);
    }

    static Exploration exploration(String policy) {
        Schedule late = Schedule.parse("late", "load t_dma\nlate-init\nexpire\nload t_mmu\n");
        Reason cause = new Reason(Reason.Kind.DEVICE, "/dma@2", "", "/dma@2 is bound without translation", List.of(
            new Reason(Reason.Kind.IOMMU, "/iommu@1", "iommus", "its IOMMU /iommu@1 was given up " + HOSTILE, List.of())));
        Trail trail = new Trail(List.of("/dma@2", "/iommu@1"), List.of(List.of(Outcome.NO_DRIVER, Outcome.NO_DRIVER),
            List.of(Outcome.PENDING, Outcome.NO_DRIVER), List.of(Outcome.PENDING, Outcome.NO_DRIVER),
            List.of(Outcome.BOUND_DIRECT, Outcome.NO_DRIVER), List.of(Outcome.BOUND_DIRECT, Outcome.BOUND_DIRECT)));
        Finding first = new Finding(Rule.BOUND_UNTRANSLATED, "/dma@2", Outcome.BOUND_DIRECT, late, cause,
            "the timer fired before t_mmu was loaded " + HOSTILE,
            List.of(new Repair.InitramfsMember("t_mmu"), new Repair.KernelParameter("deferred_probe_timeout", "-1")), true, trail);
        Finding second = new Finding(Rule.ORDER_DEPENDENT, "/dma@2", Outcome.BOUND_DIRECT, late, cause, "the order decides",
            List.of(), false, trail);
        Finding third = new Finding(Rule.NEVER_BOUND, "/gpu@3", Outcome.FAILED, Schedule.parse("none", ""), cause,
            "its probe fails", List.of(new Repair.Softdep("t_dma", "t_mmu")), false, Trail.NONE);
        return new Exploration("sample", policy, Map.of("fw_devlink", "on"), Verdict.ORDER_DEPENDENT, List.of(
            new Exploration.DeviceResult(0, "/iommu@1", List.of(reachable(Outcome.BOUND_TRANSLATED, "")), true),
            new Exploration.DeviceResult(1, "/dma@2", List.of(reachable(Outcome.BOUND_TRANSLATED, "load t_mmu\nload t_dma\n"),
                new Exploration.Reachable(Outcome.BOUND_DIRECT, late)), true),
            new Exploration.DeviceResult(2, "/gpu@3", List.of(reachable(Outcome.FAILED, "")), true)),
            List.of(first, second, third), new Exploration.Stats(2, new BigInteger("123456789012345678901234567890"), 17,
                31, 1_234));
    }

    private static Exploration.Reachable reachable(Outcome outcome, String schedule) {
        return new Exploration.Reachable(outcome, Schedule.parse("sample", schedule));
    }
}
