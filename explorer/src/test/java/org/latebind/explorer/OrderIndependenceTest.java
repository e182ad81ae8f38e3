package org.latebind.explorer;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.latebind.explorer.OrderIndependence.assertOrderIndependent;

import org.junit.jupiter.api.Test;
import org.latebind.probe.Board;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Policy;
import org.latebind.probe.Unattached;

/** How a test of somebody else's board looks. */
class OrderIndependenceTest {

    private static final Board BOARD = Board.builder("mine").device("/smmu", "smmu").isIommu().and()
        .device("/dma", "dma").iommus("/smmu", 1).and().build();
    private static final ModuleCatalogue MODULES = ModuleCatalogue.of(
        KernelModule.loadable("smmu", DriverDescription.named("smmu").withCompatible("smmu").withIommu(Unattached.ABORT)),
        KernelModule.loadable("dma", DriverDescription.named("dma").withCompatible("dma")));

    @Test
    void ourPolicyIsIndependentOfTheOrder() {
        assertThatCode(() -> assertOrderIndependent(BOARD, MODULES, Policy.LATEBIND)).doesNotThrowAnyException();
    }

    @Test
    void theTimerIsNot_andTheErrorSaysWhichOrderBreaksWhichDevice() {
        assertThatThrownBy(() -> assertOrderIndependent(BOARD, MODULES, Policy.TIMEOUT_MULTI)).isInstanceOf(AssertionError.class)
            .hasMessageContaining("/dma").hasMessageContaining("BOUND_BLOCKED after").hasMessageContaining("expire");
    }
}
