package org.latebind.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.probe.Parameters;
import org.latebind.schedule.Schedule;

/** Every kernel parameter goes by the kernel's name, in schedules and in Configuration Admin alike. */
class ParameterNamesTest {

    /** Name of a component property by the rules of Declarative Services (OSGi Compendium, 112.8.2.1). */
    private static String property(Method method) {
        return method.getName().replace("$_$", "-").replace("__", "\0").replace('_', '.').replace('\0', '_');
    }

    private static Set<String> configured() {
        return Arrays.stream(CoreConfiguration.class.getDeclaredMethods()).map(ParameterNamesTest::property)
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({"deferred_probe_timeout,-1,later", "fw_devlink,rpm,loud", "fw_devlink.strict,1,2",
        "fw_devlink.sync_state,timeout,never", "iommu.passthrough,1,maybe", "iommu.strict,0,lazy",
        "arm-smmu.disable_bypass,0,x", "driver_async_probe,*,", "modules,n,some", "builtin,smmu,", "xen,1,2",
        "dom0,1,maybe"})
    void aParameterIsKnownToSchedulesAndToTheConfiguration(String name, String good, String bad) {
        assertThat(Parameters.DEFAULTS.with(name, good).values()).containsEntry(name, good);
        assertThat(Schedule.parse("s", "param " + name + "=" + good + "\nlate-init\n").format())
                .contains("param " + name + "=" + good);
        assertThat(configured()).as("attributes of %s", CoreConfiguration.PID).contains(name);
        if (bad != null) {
            assertThat(catchThrowable(() -> Parameters.DEFAULTS.with(name, bad)))
                    .hasMessageContaining(name).hasMessageContaining(bad);
        }
    }

    @Test
    void whatIsConfiguredIsAParameterOrABoundOfTheShell() {
        List<String> others = List.of("call.limit.millis", "departure.limit.millis");
        assertThat(configured()).allSatisfy(name -> assertThat(others.contains(name) || Parameters.NAMES.containsKey(name)
                || name.equals("PID")).as(name).isTrue());
    }
}
