package org.latebind.smmu.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.LinuxDeviceName;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.RegEntry;
import org.latebind.devicetree.ReferenceList;
import org.latebind.dma.DmaApi;
import org.latebind.driver.Device;
import org.latebind.driver.DeviceProperties;
import org.latebind.hardware.Machine;
import org.latebind.hardware.Mmio;
import org.latebind.passthrough.XenHost;

/** A node of a tree and the machine behind it, as the driver's device. */
final class NodeDevice implements Device {

    final List<String> log = new ArrayList<>();
    private final DeviceTree tree;
    private final Node node;
    private final Machine machine;
    /** The hypervisor in Xen mode, else null. */
    XenHost xen;

    NodeDevice(DeviceTree tree, Node node, Machine machine) {
        this.tree = tree;
        this.node = node;
        this.machine = machine;
    }

    @Override
    public String path() {
        return node.path();
    }

    @Override
    public String name() {
        return LinuxDeviceName.of(node);
    }

    @Override
    public List<String> compatible() {
        return node.compatible();
    }

    @Override
    public DeviceProperties properties() {
        return node;
    }

    @Override
    public List<DeviceProperties> findCompatible(String compatible) {
        return List.copyOf(tree.findCompatible(compatible));
    }

    @Override
    public List<String> boardCompatible() {
        return tree.root().compatible();
    }

    @Override
    public int registerCount() {
        return node.reg().size();
    }

    @Override
    public long registerAddress(int index) {
        return node.reg().get(index).cpuAddress();
    }

    @Override
    public long registerSize(int index) {
        return node.reg().get(index).sizeBytes();
    }

    @Override
    public Mmio registers(int index) {
        RegEntry entry = node.reg().get(index);
        return machine.map(entry.cpuAddress(), entry.sizeBytes());
    }

    @Override
    public int interruptCount() {
        return ReferenceList.interrupts(tree, node).entries().size();
    }

    @Override
    public int interruptLine(int index) {
        return machine.interrupts().line(ReferenceList.interrupts(tree, node).entries().get(index).cells());
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public Optional<XenHost> xen() {
        return Optional.ofNullable(xen);
    }

    @Override
    public DmaApi dma() {
        throw new UnsupportedOperationException("an SMMU does no DMA of its own");
    }

    @Override
    public void log(LogLevel level, String text) {
        log.add(level + " " + text);
    }
}
