package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.machine.StreamTranslator;
import org.latebind.machine.Verdict;

/**
 * What reaches memory, in every order in which the SMMU's module and its clients' modules come and go. A client whose
 * module came before the SMMU's is bound without it, as kernels with an expired deferral do: it is the stream nobody
 * attached.
 */
class LoadOrderSecurityTest {

    private static final String SMMU = "/iommu@2b400000";
    private static final List<String> CLIENTS = List.of("/dma@10000000", "/dma@10010000", "/dma@10020000");
    /** Memory that no domain maps. */
    private static final long SECRET = 0x80000000L;

    private static TestBoard board(String compatible, boolean disableBypass) {
        return TestBoard.of(TestBoard.smmu("\"" + compatible + "\"", 0x20000, 2, 8, "") + """
                dma@10000000 { compatible = "test,dma"; iommus = <&smmu 0x10 0>; };
                dma@10010000 { compatible = "test,dma"; iommus = <&smmu 0x20 0x3>; };
                dma@10020000 { compatible = "test,dma"; iommus = <&smmu 0x40 0>, <&smmu 0x41 0>; };
                """, Map.of(), new Parameters(disableBypass, 0, false, false));
    }

    private static List<List<String>> orders(List<String> events) {
        if (events.isEmpty()) {
            return List.of(List.of());
        }
        List<List<String>> all = new ArrayList<>();
        for (String first : events) {
            List<String> rest = new ArrayList<>(events);
            rest.remove(first);
            for (List<String> tail : orders(rest)) {
                List<String> order = new ArrayList<>(List.of(first));
                order.addAll(tail);
                all.add(order);
            }
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({"arm, true", "arm, false"})
    void everyOrderLeavesExactlyTheAllowedTraffic(String vendor, boolean disableBypass) {
        List<String> events = new ArrayList<>(CLIENTS);
        events.add(SMMU);
        int judged = 0;
        for (String hardware : List.of("mmu-401", "smmu-v2", "mmu-500")) {
            for (List<String> order : orders(events)) {
                judged += run(board(vendor + "," + hardware, disableBypass), order, disableBypass);
            }
        }
        assertThat(judged).isEqualTo(3 * 24 * 4 * 3);
    }

    private static int run(TestBoard board, List<String> order, boolean disableBypass) {
        Set<String> attached = new HashSet<>();
        boolean up = false;
        int judged = 0;
        for (String event : order) {
            if (event.equals(SMMU)) {
                board.probe(SMMU);
                up = true;
            } else if (up) {
                board.configure(event);
                attached.add(event);
            }
            for (String client : CLIENTS) {
                for (int stream = 0; stream < board.machine.master(client).orElseThrow().streams(); stream++) {
                    Kind expected = !up ? Kind.UNTRANSLATED : attached.contains(client) || disableBypass ? Kind.FAULT
                            : Kind.UNTRANSLATED;
                    assertThat(board.read(client, stream, SECRET).kind()).as(order + ": " + client + " after " + event)
                            .isEqualTo(expected);
                }
                judged++;
            }
        }
        board.unload(SMMU);
        assertThat(board.findings()).isEmpty();
        return judged;
    }

    /**
     * Goal: no window in the middle of an attach, a detach or a probe of a client. Method: after every single register
     * access every stream tries to reach memory that nobody mapped.
     */
    @ParameterizedTest
    @CsvSource({"arm,mmu-400", "arm,mmu-401", "arm,smmu-v2", "arm,mmu-500"})
    void noRegisterWriteOpensAWindow(String vendor, String hardware) {
        TestBoard board = board(vendor + "," + hardware, true);
        board.probe(SMMU);
        StreamTranslator model = board.machine.model(SMMU).orElseThrow().translator();
        // The attempts below would make handlers work, whose accesses make attempts: no handler runs from here on.
        board.machine.interrupts().runHandlersOn(handler -> { });
        List<String> open = new ArrayList<>();
        int[] accesses = new int[1];
        board.machine.addListener((path, window, offset, write, value) -> {
            accesses[0]++;
            for (int stream : new int[] {0x10, 0x20, 0x23, 0x40, 0x41, 0x99}) {
                Verdict verdict = model.translate(stream, SECRET, false);
                if (verdict.kind() != Kind.FAULT) {
                    open.add(String.format("stream 0x%x after 0x%x: %s", stream, offset, verdict));
                }
            }
        });
        for (String client : CLIENTS) {
            board.configure(client);
        }
        for (String client : CLIENTS) {
            board.core.release(board.client(client));
            board.configure(client);
        }
        CLIENTS.forEach(c -> board.core.release(board.client(c)));
        assertThat(open).isEmpty();
        assertThat(accesses[0]).isGreaterThan(50);
    }

    @Test
    void aClientBoundTooEarlyIsTranslatedOnceItBindsAgain() {
        TestBoard board = board("arm,mmu-500", true);
        board.probe(SMMU);
        assertThat(board.read(CLIENTS.get(0), 0, SECRET).kind()).isEqualTo(Kind.FAULT);
        board.configure(CLIENTS.get(0));
        board.domain(CLIENTS.get(0)).map(0x1000, SECRET, 4096, 1, 1);
        assertThat(board.read(CLIENTS.get(0), 0, 0x1000).kind()).isEqualTo(Kind.TRANSLATED);
    }

    @Test
    void loadingAgainUnderTheMastersBringsEveryoneBack() {
        TestBoard board = board("arm,smmu-v2", true);
        for (int round = 0; round < 5; round++) {
            board.probe(SMMU);
            for (String client : CLIENTS) {
                board.configure(client);
                board.domain(client).map(0x1000, SECRET, 4096, 1, 1);
                assertThat(board.read(client, 0, 0x1000).kind()).isEqualTo(Kind.TRANSLATED);
            }
            board.unload(SMMU);
            assertThat(board.machine.pages().allocatedBytes()).isZero();
            assertThat(board.machine.interruptHandlers()).isZero();
        }
        assertThat(board.findings()).isEmpty();
    }
}
