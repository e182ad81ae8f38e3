package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.hardware.Machine;
import org.latebind.it.toy.ToyBundles;
import org.latebind.runtime.Command;
import org.latebind.runtime.DeviceStatus;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;

/**
 * Goal: whatever the order in which the SMMU's bundle and its clients' bundles are loaded, only what the SMMU's parameter allows
 * reaches memory. Method: every order, on three SMMUs, under a policy whose clients wait and under one whose clients bind without
 * the SMMU; after every load every stream tries to read memory that no domain maps.
 */
@ExtendWith(PaxExamExtension.class)
public class LoadOrderSecurityIT {

    private static final long SECRET = 0x8000_0000L;
    private static final String SMMU = "arm-smmu";
    private static final String FIRST = "/dma@10000000";
    private static final String SECOND = "/dma@10010000";
    private static final Map<String, String> MODULES = Map.of("first", FIRST, "second", SECOND);
    /** A master whose bundle never comes. */
    private static final String STRANGER = "/dma@10020000";
    private static final List<List<String>> ORDERS = orders(List.of(SMMU, "first", "second"));
    private static final String BOARD = """
            /dts-v1/;
            / { compatible = "latebind,test"; #address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;
              memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x10000000>; };
              gic: interrupt-controller@1000 { compatible = "arm,gic-400"; reg = <0 0x1000 0 0x1000>;
                interrupt-controller; #interrupt-cells = <3>; };
              dma@10000000 { compatible = "test,first"; reg = <0 0x10000000 0 0x1000>; iommus = <&smmu 0x10>; };
              dma@10010000 { compatible = "test,second"; reg = <0 0x10010000 0 0x1000>; iommus = <&smmu 0x20>, <&smmu 0x21>; };
              dma@10020000 { compatible = "test,stranger"; reg = <0 0x10020000 0 0x1000>; iommus = <&smmu 0x40>; };
              %s
            };
            """;
    private static final String V2 = "smmu: iommu@2b400000 { compatible = \"%s\"; reg = <0 0x2b400000 0 0x20000>;"
            + " #global-interrupts = <1>; #iommu-cells = <1>;"
            + " interrupts = <0 100 4>, <0 101 4>, <0 102 4>, <0 103 4>"
            + ", <0 104 4>, <0 105 4>, <0 106 4>, <0 107 4>, <0 108 4>; };";
    private static final String V3 = "smmu: iommu@2b400000 { compatible = \"arm,smmu-v3\"; reg = <0 0x2b400000 0 0x20000>;"
            + " #iommu-cells = <1>; interrupts = <0 100 1>, <0 101 1>, <0 102 1>, <0 103 1>;"
            + " interrupt-names = \"eventq\", \"priq\", \"cmdq-sync\", \"gerror\"; dma-coherent; };";

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()));
    }

    private static List<List<String>> orders(List<String> modules) {
        if (modules.isEmpty()) {
            return List.of(List.of());
        }
        List<List<String>> all = new ArrayList<>();
        for (String first : modules) {
            List<String> rest = new ArrayList<>(modules);
            rest.remove(first);
            for (List<String> tail : orders(rest)) {
                List<String> order = new ArrayList<>(List.of(first));
                order.addAll(tail);
                all.add(order);
            }
        }
        return all;
    }

    @Test
    public void unattachedStreamsOfMmu401AreStopped() throws Exception {
        everyOrder("arm-smmu", String.format(V2, "arm,mmu-401"), true);
    }

    @Test
    public void unattachedStreamsOfMmu401PassWhenTheParameterAllowsIt() throws Exception {
        everyOrder("arm-smmu", String.format(V2, "arm,mmu-401"), false);
    }

    @Test
    public void unattachedStreamsOfSmmuV2AreStopped() throws Exception {
        everyOrder("arm-smmu", String.format(V2, "arm,smmu-v2"), true);
    }

    @Test
    public void unattachedStreamsOfSmmuV2PassWhenTheParameterAllowsIt() throws Exception {
        everyOrder("arm-smmu", String.format(V2, "arm,smmu-v2"), false);
    }

    @Test
    public void unattachedStreamsOfSmmuV3AreStopped() throws Exception {
        everyOrder("arm-smmu-v3", V3, true);
    }

    @Test
    public void unattachedStreamsOfSmmuV3PassWhenTheParameterAllowsIt() throws Exception {
        everyOrder("arm-smmu-v3", V3, false);
    }

    private static void everyOrder(String pid, String smmu, boolean disableBypass) throws Exception {
        int unattached = 0;
        int attached = 0;
        Configured parameter = Configured.of(pid, Map.of("disable_bypass", disableBypass));
        try {
            for (String policy : List.of("latebind", "timeout")) {
                for (List<String> order : ORDERS) {
                    int[] judged = run(String.format(BOARD, smmu), policy, order, disableBypass);
                    unattached += judged[0];
                    attached += judged[1];
                }
            }
        } finally {
            parameter.close();
        }
        assertThat(unattached).as("streams nobody attached, behind a driven SMMU").isGreaterThan(2 * ORDERS.size());
        assertThat(attached).as("attached streams").isGreaterThan(2 * ORDERS.size());
    }

    /** Returns how many streams were tried behind the driven SMMU: unattached, attached. */
    private static int[] run(String dts, String policy, List<String> order, boolean disableBypass) throws Exception {
        int[] judged = new int[2];
        try (Live live = Live.source(dts, policy, Map.of("unknown_suppliers", "ready"))) {
            Set<Bundle> clients = new HashSet<>();
            for (String name : MODULES.keySet()) {
                clients.add(ToyBundles.headersOnly(live.context(), name,
                        Map.of("Latebind-Client", name + ";compatible=\"test," + name + "\"")));
            }
            clients.add(ToyBundles.headersOnly(live.context(), "stranger",
                    Map.of("Latebind-Client", "stranger;compatible=\"test,stranger\"")));
            live.start("dma-client");
            live.core().execute(new Command.LateInit());
            boolean up = false;
            for (String module : order) {
                if (module.equals(SMMU)) {
                    live.start(SMMU);
                    up = true;
                } else {
                    clients.stream().filter(bundle -> bundle.getSymbolicName().equals(module)).findFirst().orElseThrow().start();
                    if (policy.equals("timeout")) {
                        live.core().execute(new Command.Expire());
                    }
                }
                String when = policy + " " + order + " after " + module;
                for (String path : List.of(FIRST, SECOND, STRANGER)) {
                    judge(live, path, up, disableBypass, when, judged);
                }
            }
            assertThat(live.service(Machine.class, null).findings()).as(order.toString()).isEmpty();
        }
        return judged;
    }

    private static void judge(Live live, String path, boolean up, boolean disableBypass, String when, int[] judged) {
        DeviceStatus device = live.device(path);
        DmaMaster master = live.service(Machine.class, null).master(path).orElseThrow();
        boolean attached = device.iommu() != null;
        assertThat(up || !attached).as(when).isTrue();
        for (int stream = 0; stream < master.streams(); stream++) {
            Kind kind = master.read(stream, SECRET, new byte[4]).kind();
            boolean passes = !up || !attached && !disableBypass;
            assertThat(kind == Kind.UNTRANSLATED).as("%s: %s stream %d (%s): %s", when, path, stream, device.outcome(), kind)
                    .isEqualTo(passes);
            assertThat(kind).as(when).isNotEqualTo(Kind.TRANSLATED);
            if (up) {
                judged[attached ? 1 : 0]++;
            }
        }
    }
}
