package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.devicetree.DeviceTree;
import org.latebind.hardware.Mmio;
import org.latebind.machine.qemu.QemuMachine;
import org.latebind.machine.qemu.QemuSetup;
import org.latebind.probe.Population;
import org.latebind.runtime.BoardSource;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;

/** The arm-smmu bundle as it is shipped brings QEMU's SMMUv3 up, and leaves it off, as often as it is loaded. */
@ExtendWith(PaxExamExtension.class)
public class QemuIT {

    private static final String SMMU = "/smmuv3@9050000";
    private static final int CR0 = 0x20;

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()));
    }

    /** QEMU's own tree, and its edu devices. */
    private static final class QemuBoard implements BoardSource {
        private final DeviceTree tree = QemuSetup.standard().deviceTree();

        @Override
        public String name() {
            return tree.source();
        }

        @Override
        public DeviceTree tree() {
            return tree;
        }

        @Override
        public Population population() {
            return QemuSetup.standard().population(tree);
        }

        @Override
        public String policy() {
            return "latebind";
        }
    }

    @Test
    public void theShippedBundleDrivesQemusSmmu() throws Exception {
        QemuSetup.standard().unavailable().ifPresent(reason -> Assumptions.abort(reason));
        try (Live live = Live.source(new QemuBoard(), Map.of("latebind.machine", "qemu"))) {
            Mmio registers = live.service(QemuMachine.class, null).map(0x09050000, 0x20000);
            assertThat(registers.read32(CR0)).isZero();
            Bundle bundle = live.start("arm-smmu");
            for (int round = 0; round < 3; round++) {
                assertThat(live.device(SMMU).driver()).isEqualTo("arm-smmu-v3");
                assertThat(registers.read32(CR0)).isEqualTo(0xd);
                bundle.stop();
                assertThat(live.device(SMMU).driver()).isNull();
                assertThat(registers.read32(CR0)).isZero();
                bundle.start();
            }
        }
    }
}
