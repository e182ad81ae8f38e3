package org.latebind.benchmarks;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.Node;
import org.latebind.dma.DmaApi;
import org.latebind.driver.Bound;
import org.latebind.driver.Device;
import org.latebind.hardware.xen.GrantLedger;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.core.StreamClient;
import org.latebind.machine.SimMachine;
import org.latebind.machine.xen.XenModels;
import org.latebind.xengrant.GrantDriver;
import org.latebind.xengrant.GrantSettings;

/** The grant driver on a simulated Xen guest, without a framework around it. */
final class GrantBench {

    private static final String TREE = """
            /dts-v1/;
            / {
                #address-cells = <2>; #size-cells = <2>; compatible = "xen,xenvm";
                memory@40000000 { device_type = "memory"; reg = <0x0 0x40000000 0x0 0x10000000>; };
                hypervisor { compatible = "xen,xen"; reg = <0x0 0x38000000 0x0 0x01000000>; };
                disk { compatible = "virtio,mmio"; iommus = <&unit 2>; };
                unit: unit { compatible = "xen,grant-dma"; #iommu-cells = <1>; };
            };
            """;

    private GrantBench() {
    }

    /** The DMA API of one client of a freshly started driver. */
    static DmaApi client() {
        DeviceTree tree = DtsReader.read("bench.dts", TREE);
        SimMachine machine = SimMachine.of(tree, List.of(new XenModels()), Map.of());
        Node unit = tree.byPath("/unit");
        Device device = stub(Device.class, Map.of("path", unit.path(), "properties", unit, "machine", machine,
                "findCompatible", tree.findCompatible(XenModels.HYPERVISOR), "boardCompatible", List.of()));
        GrantDriver driver = new GrantDriver(stub(GrantLedger.class, Map.of("leftovers", List.of(), "remove", List.of())),
                stub(GrantSettings.class, Map.of("role", "full", "virtio__features", "0")));
        IommuOps ops = ((Bound) driver.probe(device)).iommu();
        StreamClient client = new StreamClient("/disk", "disk", false, tree.byPath("/disk"));
        return ops.dmaApi(withBackend(client));
    }

    private static org.latebind.iommu.IommuClient withBackend(StreamClient client) {
        return stub(org.latebind.iommu.IommuClient.class, Map.of("path", client.path(), "idCount", 1, "id", 2));
    }

    /** An object that answers by method name; everything else is null, or nothing. */
    private static <T> T stub(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) ->
                switch (method.getName()) {
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    case "toString" -> type.getSimpleName();
                    default -> answers.get(method.getName());
                }));
    }
}
