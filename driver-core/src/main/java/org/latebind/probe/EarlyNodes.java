package org.latebind.probe;

import java.util.Set;
import org.latebind.devicetree.Node;

/**
 * Nodes that boot code serves before devices are made: root interrupt controllers and early clocks. They are never devices, and
 * nobody waits for them (driver-core sheet, section 1.4). That a node merely has no driver does not make it early.
 */
final class EarlyNodes {

    private static final Set<String> COMPATIBLE = Set.of(
        // Interrupt controllers of the irqchip table.
        "arm,gic-400", "arm,gic-v2m-frame", "arm,gic-v3", "arm,gic-v3-its", "arm,cortex-a7-gic", "arm,cortex-a9-gic",
        "arm,cortex-a15-gic", "arm,arm11mp-gic", "arm,arm1176jzf-devchip-gic", "arm,eb11mp-gic", "arm,pl390", "arm,tc11mp-gic",
        "arm,armv7m-nvic", "arm,pl190-vic", "arm,pl192-vic", "qcom,msm-8660-qgic", "qcom,msm-qgic2", "brcm,bcm2835-armctrl-ic",
        "brcm,bcm2836-armctrl-ic", "brcm,bcm2836-l1-intc", "apple,aic", "apple,aic2", "riscv,cpu-intc",
        "samsung,exynos4210-combiner",
        "nvidia,tegra30-ictlr", "marvell,armada-8k-pic", "renesas,intc-irqpin",
        // Clocks of the early clock table.
        "fixed-clock", "fixed-factor-clock", "samsung,exynos5420-clock", "samsung,exynos4210-audss-clock");

    private EarlyNodes() {
    }

    static boolean isEarly(Node node) {
        for (String compatible : node.compatible()) {
            if (COMPATIBLE.contains(compatible)) {
                return true;
            }
        }
        return false;
    }
}
