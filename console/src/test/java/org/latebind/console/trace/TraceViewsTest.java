package org.latebind.console.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Device.LogLevel;
import org.latebind.runtime.LogEntry;
import org.latebind.runtime.LogEntry.Kind;
import org.xml.sax.InputSource;

class TraceViewsTest {

    private static final String MMC = "/soc/mmc";
    private static final String NET = "/soc/net";
    private static final String LEAF = "/soc/leaf";
    private static final String ROOT = "/soc/root";

    private final List<LogEntry> log = new ArrayList<>();

    private void add(double seconds, Kind kind, String subject, String... details) {
        Map<String, String> map = new java.util.HashMap<>();
        for (int i = 0; i < details.length; i += 2) {
            map.put(details[i], details[i + 1]);
        }
        LogLevel level = kind == Kind.DEFERRED || kind == Kind.ATTEMPT || kind == Kind.COMMAND ? LogLevel.DEBUG : LogLevel.INFO;
        log.add(new LogEntry(log.size(), Math.round(seconds * 1e9), kind, level, subject, kind.name(), map));
    }

    /** The leaf comes before its root in the tree; the IOMMU's driver comes at 5 s; the net device is never served. */
    private void run() {
        add(0, Kind.DRIVER_ADDED, "client", "bundle", "dma-client", "driver", "client");
        add(0, Kind.ATTEMPT, MMC);
        add(0, Kind.DEFERRED, MMC, "driver", "client");
        add(1, Kind.DEFERRED, NET, "driver", "client");
        add(1, Kind.COMMAND, "", "schedule", "advance 4");
        add(5, Kind.DRIVER_ADDED, "ipmmu", "bundle", "ipmmu-vmsa", "driver", "ipmmu");
        add(5, Kind.ATTEMPT, LEAF);
        add(5, Kind.DEFERRED, LEAF, "driver", "ipmmu");
        add(5, Kind.ATTEMPT, ROOT);
        add(5, Kind.BOUND, ROOT, "driver", "ipmmu");
        add(5, Kind.ATTEMPT, LEAF);
        add(5, Kind.BOUND, LEAF, "driver", "ipmmu");
        add(5, Kind.ATTEMPT, MMC);
        add(5, Kind.GROUP_JOINED, MMC, "iommu", LEAF);
        add(5, Kind.BOUND, MMC, "driver", "client");
        add(8, Kind.COMMAND, "", "schedule", "late-init");
    }

    @Test
    void theCriticalPathGoesFromTheDeviceToTheDriverThatCameLast() {
        run();
        assertThat(CriticalPath.of(log, MMC)).extracting(LogEntry::subject).containsExactly(MMC, LEAF, ROOT, "ipmmu");
        assertThat(CriticalPath.text(log, NET)).isEqualTo(NET + " never bound\n");
    }

    @Test
    void whoWaitedLongestComesFirst() {
        run();
        assertThat(TraceViews.blame(log).lines()).containsExactly("    7.000000s " + NET, "    5.000000s " + MMC,
                "    0.000000s " + LEAF);
    }

    @Test
    void aKernelStyleLogHasNoDebugLines() {
        run();
        assertThat(TraceViews.dmesg(log)).contains("[    5.000000] /soc/mmc: BOUND").doesNotContain("DEFERRED");
    }

    @Test
    void theScheduleHasTheCommandsAndTheModulesAndTheTimeThatTheClockMoved() {
        run();
        add(9, Kind.DRIVER_REMOVED, "ipmmu", "bundle", "ipmmu-vmsa");
        assertThat(TraceViews.schedule(log)).isEqualTo("""
                load dma-client
                advance 4
                load ipmmu-vmsa
                late-init at 8.000000
                unload ipmmu-vmsa at 9.000000
                """);
    }

    @Test
    void theChartIsWellFormedAndShowsEveryDeviceThatWaited() throws Exception {
        run();
        var svg = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new InputSource(new StringReader(Chart.svg("a <board>", log))));
        assertThat(svg.getDocumentElement().getTextContent()).contains("a <board>", MMC, NET, LEAF, ROOT);
    }

    /** Against the "Trace Event Format" document: phases, required fields and their types, threads that have names. */
    @Nested
    class TraceEvents {

        @Test
        void everyEventHasTheFieldsItsPhaseNeeds() {
            run();
            Map<String, Object> document = TraceViews.traceEvents("board", log);
            List<?> events = (List<?>) document.get("traceEvents");
            assertThat(document.get("displayTimeUnit")).isIn("ms", "ns");
            assertThat(events).isNotEmpty().allSatisfy(event -> valid((Map<?, ?>) event));
        }

        private void valid(Map<?, ?> event) {
            assertThat(event.get("ph")).isIn("M", "X", "i");
            assertThat(event.get("name")).asString().isNotEmpty();
            assertThat(event.get("pid")).isInstanceOf(Integer.class);
            assertThat(event.get("tid")).isInstanceOf(Integer.class);
            assertThat((Double) event.get("ts")).isNotNegative();
            assertThat(event.get("args")).isInstanceOf(Map.class);
            if ("X".equals(event.get("ph"))) {
                assertThat((Double) event.get("dur")).isNotNegative();
            } else if ("i".equals(event.get("ph"))) {
                assertThat(event.get("s")).isIn("g", "p", "t");
            } else {
                assertThat(event.get("name")).isIn("process_name", "thread_name");
                assertThat(((Map<?, ?>) event.get("args")).get("name")).isInstanceOf(String.class);
            }
        }

        @Test
        void everyThreadIsNamedOnce() {
            run();
            Set<Object> named = new HashSet<>();
            for (Object each : (List<?>) TraceViews.traceEvents("board", log).get("traceEvents")) {
                Map<?, ?> event = (Map<?, ?>) each;
                if ("thread_name".equals(event.get("name"))) {
                    assertThat(named.add(event.get("tid"))).isTrue();
                } else if (!"M".equals(event.get("ph"))) {
                    assertThat(named).contains(event.get("tid"));
                }
            }
        }
    }
}
