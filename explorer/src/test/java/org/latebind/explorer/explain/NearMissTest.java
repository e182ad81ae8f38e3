package org.latebind.explorer.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;

/** The nearest driver for a string nobody drives. */
class NearMissTest {

    private static final ModuleCatalogue CATALOGUE = ModuleCatalogue.of(
        KernelModule.loadable("ipmmu_vmsa", DriverDescription.named("ipmmu-vmsa")
            .withCompatible("renesas,ipmmu-r8a7795", "renesas,ipmmu-r8a7796")),
        KernelModule.loadable("arm_smmu", DriverDescription.named("arm-smmu").withCompatible("arm,mmu-500")));

    @Test
    void aMisspeltStringFindsItsDriverAndModule() {
        assertThat(NearMiss.find(List.of("renesas,ipmu-r8a7795"), CATALOGUE)).contains(
            new NearMiss("renesas,ipmu-r8a7795", "renesas,ipmmu-r8a7795", "ipmmu-vmsa", "ipmmu_vmsa", 1));
    }

    @Test
    void theNearestOfAllStringsWins() {
        assertThat(NearMiss.find(List.of("arm,mmu-40", "renesas,ipmmu-r8a7797"), CATALOGUE)).get()
                .extracting(NearMiss::offered, NearMiss::distance).containsExactly("renesas,ipmmu-r8a7795", 1);
    }

    @Test
    void anotherModelWithAShortNameIsNoMisspeltOne() {
        ModuleCatalogue serial = ModuleCatalogue.of(KernelModule.loadable("pl011", DriverDescription.named("pl011")
            .withCompatible("arm,pl011")));
        assertThat(NearMiss.find(List.of("arm,pl330"), serial)).isEmpty();
        assertThat(NearMiss.find(List.of("arm,pl01"), serial)).isPresent();
    }

    @Test
    void whatMatchesExactlyIsNoMiss() {
        assertThat(NearMiss.find(List.of("arm,mmu-500"), CATALOGUE)).isEmpty();
    }

    @Test
    void farStringsAreOtherThings() {
        assertThat(NearMiss.find(List.of("arm,gic-v3", "fixed-clock", ""), CATALOGUE)).isEmpty();
        assertThat(NearMiss.find(List.of(), CATALOGUE)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"kitten, sitting, 3", "'', abc, 3", "abc, abc, 0", "abc, acb, 2", "a, b, 1"})
    void distanceCountsInsertedRemovedAndChangedCharacters(String a, String b, int distance) {
        assertThat(NearMiss.distance(a, b, 5)).isEqualTo(distance);
        assertThat(NearMiss.distance(b, a, 5)).isEqualTo(distance);
    }

    /** Method: n random single-character changes are at most n apart, and the limit only cuts what is farther. */
    @Test
    void changesBoundTheDistanceAndTheLimitOnlyCuts() {
        long seed = Long.getLong("latebind.seed", 5);
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            StringBuilder b = new StringBuilder("renesas,ipmmu-r8a7795");
            int changes = random.nextInt(5);
            for (int c = 0; c < changes; c++) {
                int at = random.nextInt(b.length());
                switch (random.nextInt(3)) {
                    case 0 -> b.deleteCharAt(at);
                    case 1 -> b.insert(at, (char) ('a' + random.nextInt(26)));
                    default -> b.setCharAt(at, (char) ('a' + random.nextInt(26)));
                }
            }
            int exact = NearMiss.distance("renesas,ipmmu-r8a7795", b.toString(), 40);
            assertThat(exact).as("%s, seed %d", b, seed).isBetween(0, changes);
            for (int limit = 0; limit < 5; limit++) {
                assertThat(NearMiss.distance("renesas,ipmmu-r8a7795", b.toString(), limit))
                        .as("%s, limit %d, seed %d", b, limit, seed).isEqualTo(Math.min(exact, limit + 1));
            }
        }
    }
}
