package org.latebind.machine;

import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.LinuxDeviceName;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.devicetree.RegEntry;
import org.latebind.dma.DmaApi;
import org.latebind.driver.Device;
import org.latebind.driver.DeviceProperties;
import org.latebind.hardware.Machine;
import org.latebind.hardware.Mmio;

/**
 * A node of a tree and the machine behind it, as a driver's device: for exercising a driver against a model without a framework and
 * without the driver core. It has no Xen side and does no DMA of its own; whoever needs more overrides it. For one thread.
 */
public class TreeNodeDevice implements Device {

    private final DeviceTree tree;
    private final Node node;
    private final Machine machine;
    private final BiConsumer<LogLevel, String> log;

    /**
     * Makes the device.
     *
     * @param tree    the board; not null
     * @param node    its node; not null
     * @param machine the hardware; not null
     * @param log     takes the driver's lines; not null
     */
    public TreeNodeDevice(DeviceTree tree, Node node, Machine machine, BiConsumer<LogLevel, String> log) {
        this.tree = Objects.requireNonNull(tree, "tree");
        this.node = Objects.requireNonNull(node, "node");
        this.machine = Objects.requireNonNull(machine, "machine");
        this.log = Objects.requireNonNull(log, "log");
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

    private List<Reference> interrupts() {
        return ReferenceList.interrupts(tree, node).entries();
    }

    @Override
    public int interruptCount() {
        return interrupts().size();
    }

    @Override
    public int interruptLine(int index) {
        return machine.interrupts().line(interrupts().get(index).cells());
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public DmaApi dma() {
        throw new IllegalStateException(path() + " does no DMA of its own");
    }

    @Override
    public void log(LogLevel level, String text) {
        log.accept(level, text);
    }
}
