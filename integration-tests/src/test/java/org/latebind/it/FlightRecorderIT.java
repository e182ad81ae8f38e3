package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.hardware.DmaResult;
import org.latebind.runtime.Command;
import org.latebind.runtime.DmaClient;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;

/** What the Flight Recorder sees of a board. */
@ExtendWith(PaxExamExtension.class)
public class FlightRecorderIT {

    private static final String MMC = "/soc/mmc@1001000";

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()), CoreOptions.bootDelegationPackage("jdk.jfr.internal.*"));
    }

    private static void loadAndTransfer(Live live) throws Exception {
        live.start("dma-client");
        live.core().execute(new Command.LateInit());
        live.start("ipmmu-vmsa");
        assertThat(live.outcome(MMC)).isEqualTo("BOUND_TRANSLATED");
        DmaClient client = live.service(DmaClient.class, "(latebind.device.path=" + MMC + ")");
        assertThat(client.write(0, new byte[] {1, 2, 3}).result().kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
    }

    @Test
    public void aStreamTellsOfProbeDeferBindMapAndInvalidate() throws Exception {
        ConcurrentLinkedQueue<RecordedEvent> seen = new ConcurrentLinkedQueue<>();
        CountDownLatch invalidated = new CountDownLatch(1);
        try (RecordingStream stream = new RecordingStream(); Live live = Live.board("teaching.dts", "latebind", Map.of())) {
            stream.setReuse(false);
            stream.onEvent(event -> {
                if (event.getEventType().getName().startsWith("latebind.")) {
                    seen.add(event);
                    if (event.getEventType().getName().equals("latebind.Invalidate")) {
                        invalidated.countDown();
                    }
                }
            });
            stream.startAsync();
            loadAndTransfer(live);
            assertThat(invalidated.await(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(names(seen)).contains("latebind.Probe", "latebind.Defer", "latebind.Bind", "latebind.Map", "latebind.Invalidate");
        assertThat(seen).anySatisfy(event -> {
            assertThat(event.getEventType().getName()).isEqualTo("latebind.Bind");
            assertThat(event.getString("device")).isEqualTo(MMC);
            assertThat(event.getString("outcome")).isEqualTo("BOUND_TRANSLATED");
        });
    }

    @Test
    public void aRecordingHasThemInOrderForEachDevice() throws Exception {
        Path file = Files.createTempFile("flight", ".jfr");
        try (Recording recording = new Recording(); Live live = Live.board("teaching.dts", "latebind", Map.of())) {
            recording.start();
            loadAndTransfer(live);
            recording.stop();
            recording.dump(file);
            List<RecordedEvent> all = RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().startsWith("latebind.")).toList();
            List<String> ofMmc = all.stream().filter(event -> event.hasField("device") && MMC.equals(event.getString("device")))
                    .sorted(java.util.Comparator.comparing(RecordedEvent::getEndTime))
                    .map(event -> event.getEventType().getName()).toList();
            assertThat(ofMmc).as("deferred, then bound").containsSubsequence("latebind.Defer", "latebind.Probe", "latebind.Bind");
            assertThat(all).filteredOn(event -> event.getEventType().getName().equals("latebind.Map")).isNotEmpty()
                    .allSatisfy(event -> assertThat(event.getLong("sizeBytes")).isPositive());
        } finally {
            Files.delete(file);
        }
    }

    private static List<String> names(Iterable<RecordedEvent> events) {
        List<String> names = new java.util.ArrayList<>();
        events.forEach(event -> names.add(event.getEventType().getName()));
        return names;
    }
}
