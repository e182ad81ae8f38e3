package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.it.toy.ToyBundles;
import org.latebind.runtime.LogEntry;
import org.latebind.runtime.MirroredDevice;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;

/** Drivers that throw, hang, or stop their own bundle in the middle of a probe: contained and named, and the core goes on. */
@ExtendWith(PaxExamExtension.class)
public class MisbehavingDriversIT {

    private static final String BOARD = """
            /dts-v1/;
            / {
                #address-cells = <1>;
                #size-cells = <1>;
                memory@40000000 { device_type = "memory"; reg = <0x40000000 0x1000000>; };
                one@2000 { compatible = "toy,one"; reg = <0x2000 0x100>; };
                two@3000 { compatible = "toy,two"; reg = <0x3000 0x100>; };
            };
            """;
    private static final String ONE = "/one@2000";
    private static final String TWO = "/two@3000";

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()));
    }

    private static void expectTheCoreGoesOn(Live live) throws Exception {
        Bundle good = ToyBundles.driver(live.context(), "good", "binds", "toy,two");
        good.start();
        assertThat(live.outcome(TWO)).isEqualTo("BOUND_DIRECT");
        good.uninstall();
        assertThat(live.outcome(TWO)).isEqualTo("NO_DRIVER");
    }

    @Test
    public void aDriverThatThrowsInProbeFailsItsDeviceAndIsNamed() throws Exception {
        try (Live live = Live.source(BOARD, "timeout-multi", Map.of())) {
            Bundle toy = ToyBundles.driver(live.context(), "toy-throws", "throws", "toy,one");
            toy.start();
            assertThat(live.outcome(ONE)).isEqualTo("FAILED");
            assertThat(live.log(LogEntry.Kind.DRIVER_MISBEHAVED)).singleElement().satisfies(entry -> {
                assertThat(entry.text()).contains("toy-throws threw in probe").contains("a toy that throws");
                assertThat(entry.details()).containsEntry("driver", "toy-throws");
            });
            expectTheCoreGoesOn(live);
            toy.uninstall();
            assertThat(live.outcome(ONE)).isEqualTo("NO_DRIVER");
        }
    }

    @Test
    public void aDriverThatNeverAnswersFailsItsDeviceAndItsLateAnswerIsDiscarded() throws Exception {
        Configured limit = Configured.core(Map.of("call.limit.millis", 200L));
        try (Live live = Live.source(BOARD, "timeout-multi", Map.of())) {
            Bundle toy = ToyBundles.driver(live.context(), "toy-hangs", "hangs", "toy,one");
            toy.start();
            assertThat(live.outcome(ONE)).isEqualTo("FAILED");
            assertThat(live.log(LogEntry.Kind.DRIVER_MISBEHAVED)).singleElement()
                    .satisfies(entry -> assertThat(entry.text()).contains("toy-hangs did not answer to probe"));
            expectTheCoreGoesOn(live);
            LogWatch late = LogWatch.on(live.core(), entry -> entry.text().contains("after its time was up"));
            toy.uninstall();
            assertThat(late.await().text()).contains("toy-hangs").contains("discarded and closed");
            assertThat(live.outcome(ONE)).isEqualTo("NO_DRIVER");
        } finally {
            limit.close();
        }
    }

    @Test
    public void aDriverThatStopsItsBundleInTheMiddleOfItsOwnProbeIsLetGo() throws Exception {
        try (Live live = Live.source(BOARD, "timeout-multi", Map.of())) {
            Bundle toy = ToyBundles.driver(live.context(), "toy-stops", "stops", "toy,one");
            toy.start();
            assertThat(live.outcome(ONE)).isEqualTo("NO_DRIVER");
            assertThat(toy.getState()).isEqualTo(Bundle.RESOLVED);
            assertThat(live.core().snapshot().drivers()).isEmpty();
            assertThat(live.log(LogEntry.Kind.DRIVER_MISBEHAVED)).singleElement()
                    .satisfies(entry -> assertThat(entry.text()).contains("left in the middle of its own probe"));
            expectTheCoreGoesOn(live);
            toy.uninstall();
        }
    }

    @Test
    public void everyDeviceIsAServiceThatTellsWhetherItIsBound() throws Exception {
        try (Live live = Live.source(BOARD, "timeout-multi", Map.of())) {
            live.settled();
            String bound = "(&(latebind.device.path=" + ONE + ")(latebind.bound=true))";
            assertThat(live.service(MirroredDevice.class, bound)).isNull();
            Bundle toy = ToyBundles.driver(live.context(), "toy-binds", "binds", "toy,one");
            toy.start();
            live.settled();
            MirroredDevice device = live.service(MirroredDevice.class, bound);
            assertThat(device.status().driver()).isEqualTo("toy-binds");
            assertThat(live.service(MirroredDevice.class, "(latebind.outcome=BOUND_DIRECT)")).isSameAs(device);
            toy.stop();
            live.settled();
            assertThat(live.service(MirroredDevice.class, bound)).isNull();
            toy.uninstall();
        }
    }

    @Test
    public void twoDriversOfOneNameDoNotMix() throws Exception {
        try (Live live = Live.source(BOARD, "timeout-multi", Map.of())) {
            Bundle first = ToyBundles.driver(live.context(), "same", "binds", "toy,one");
            first.start();
            assertThat(live.outcome(ONE)).isEqualTo("BOUND_DIRECT");
            first.uninstall();
            Bundle changed = ToyBundles.driver(live.context(), "same", "binds", "toy,two");
            changed.start();
            assertThat(live.outcome(ONE)).isEqualTo("NO_DRIVER");
            assertThat(live.outcome(TWO)).isEqualTo("BOUND_DIRECT");
            assertThat(live.device(TWO).driver()).isEqualTo("same");
            changed.uninstall();
        }
    }
}
