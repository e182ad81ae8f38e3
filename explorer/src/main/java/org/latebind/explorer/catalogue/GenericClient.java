package org.latebind.explorer.catalogue;

import java.util.ArrayList;
import java.util.List;
import org.latebind.acpi.IortNode;
import org.latebind.acpi.IortTable;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.UnclaimedMasters;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;

/** The module of the generic client: it drives the DMA masters of a board that no other module speaks for. Pure. */
public final class GenericClient {

    /** Its name, which is the symbolic name of its bundle. */
    public static final String NAME = "dma-client";

    private GenericClient() {
    }

    /**
     * The module for a tree.
     *
     * @param others the modules that come first
     */
    public static KernelModule module(DeviceTree tree, List<KernelModule> others) {
        List<String> claimed = new ArrayList<>();
        others.forEach(module -> module.drivers().forEach(driver -> claimed.addAll(driver.compatible())));
        UnclaimedMasters masters = UnclaimedMasters.of(tree, claimed);
        List<DriverDescription> drivers = new ArrayList<>();
        if (!masters.hosts().isEmpty()) {
            drivers.add(client("dma-host", "platform", masters.hosts()).withCreatesDevices("*"));
            drivers.add(DriverDescription.named("dma-client-pci").withBus("pci").withIds("pci:*"));
        }
        if (!masters.amba().isEmpty()) {
            drivers.add(client("dma-client-amba", "amba", masters.amba()));
        }
        drivers.add(client("dma-client", "platform", masters.platform()));
        return KernelModule.loadable(NAME, drivers.toArray(new DriverDescription[0]));
    }

    /** The module for an IORT table: named components, and the PCI functions below root complexes. */
    public static KernelModule module(IortTable table) {
        List<String> components = table.nodes().stream().map(IortNode::content)
                .filter(IortNode.NamedComponent.class::isInstance).map(IortNode.NamedComponent.class::cast)
                .map(IortNode.NamedComponent::name).distinct().toList();
        return KernelModule.loadable(NAME, client("dma-host", "platform", List.of("PNP0A08")).withCreatesDevices("*"),
                DriverDescription.named("dma-client-pci").withBus("pci").withIds("pci:*"),
                client("dma-client", "platform", components));
    }

    private static DriverDescription client(String name, String bus, List<String> compatible) {
        return DriverDescription.named(name).withBus(bus).withCompatible(compatible.toArray(new String[0]));
    }
}
