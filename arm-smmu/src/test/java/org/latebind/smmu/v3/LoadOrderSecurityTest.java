package org.latebind.smmu.v3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.iommu.PagingDomain;
import org.latebind.machine.StreamTranslator;
import org.latebind.machine.Verdict;

/**
 * What reaches memory, in every order in which the SMMU's module and its clients' modules come. A client whose module
 * came before the SMMU's is bound without it: its stream is one that nobody attached.
 */
class LoadOrderSecurityTest {

    private static final int[] STREAMS = {8, 16, 0x300};
    private static final int STRANGER = 0x777;
    /** Memory that no domain maps. */
    private static final long SECRET = 0x7000_0000L;
    private static final String SMMU = "smmu";

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

    private static Map<String, String> hardware(boolean twoLevel) {
        Map<String, String> options = new HashMap<>(Rig.LIKE_QEMU);
        if (!twoLevel) {
            options.put("smmu3.idr0", "0x0540101a");
            options.put("smmu3.idr1", "0x0273000b");
        }
        return options;
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void everyOrderLeavesExactlyTheAllowedTraffic(boolean twoLevel, boolean disableBypass) {
        int judged = 0;
        for (List<String> order : orders(List.of(SMMU, "8", "16", "768"))) {
            try (Rig rig = Rig.model(hardware(twoLevel))) {
                Map<Integer, PagingDomain> attached = new HashMap<>();
                for (String event : order) {
                    if (event.equals(SMMU)) {
                        rig.load(Settings.DEFAULT.withDisableBypass(disableBypass));
                    } else if (rig.bound() != null) {
                        int sid = Integer.parseInt(event);
                        attached.put(sid, rig.attach(rig.client(sid)));
                    }
                    for (int sid : new int[] {STREAMS[0], STREAMS[1], STREAMS[2], STRANGER}) {
                        boolean passes = rig.bound() == null || !disableBypass && !attached.containsKey(sid);
                        Kind kind = rig.master(sid).write(0, SECRET, new byte[4]).kind();
                        assertThat(kind == Kind.UNTRANSLATED).as("%s: stream 0x%x after %s: %s", order, sid, event, kind)
                                .isEqualTo(passes);
                        judged++;
                    }
                }
                attached.values().forEach(PagingDomain::flushAll);
                rig.unload();
                assertThat(rig.master(STRANGER).write(0, SECRET, new byte[4]).kind()).as("%s, unloaded", order)
                        .isEqualTo(disableBypass ? Kind.BLOCKED : Kind.UNTRANSLATED);
                assertThat(rig.rules()).isEmpty();
            }
        }
        assertThat(judged).isEqualTo(24 * 4 * 4);
    }

    /**
     * Goal: no window in the middle of a client's arrival, attach, change or departure. Method: after every register access every
     * stream tries to reach memory nobody mapped; what the hardware may have cached meanwhile stays cached.
     */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void noAccessOfTheDriverOpensAWindow(boolean twoLevel) {
        try (Rig rig = Rig.model(hardware(twoLevel)).load(Settings.DEFAULT)) {
            StreamTranslator model = rig.sim().model(rig.device.path()).orElseThrow().translator();
            rig.machine.interrupts().runHandlersOn(handler -> { });
            List<String> open = new ArrayList<>();
            int[] accesses = new int[1];
            rig.sim().addListener((path, window, offset, write, value) -> {
                accesses[0]++;
                for (int sid : new int[] {STREAMS[0], STREAMS[1], STREAMS[2], STRANGER}) {
                    Verdict verdict = model.translate(sid, SECRET, true);
                    if (verdict.kind() != Kind.FAULT && verdict.kind() != Kind.BLOCKED) {
                        open.add(String.format("stream 0x%x after 0x%x: %s", sid, offset, verdict));
                    }
                }
            });
            for (int round = 0; round < 2; round++) {
                for (int sid : STREAMS) {
                    RigClient client = rig.client(sid);
                    PagingDomain first = rig.attach(client);
                    PagingDomain second = rig.attach(client);
                    first.close();
                    rig.leave(client, second);
                }
            }
            assertThat(open).isEmpty();
            assertThat(accesses[0]).isGreaterThan(100);
        }
    }
}
