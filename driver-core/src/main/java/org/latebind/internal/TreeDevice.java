package org.latebind.internal;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.devicetree.RegEntry;
import org.latebind.dma.DmaApi;
import org.latebind.driver.Device;
import org.latebind.driver.DeviceProperties;
import org.latebind.hardware.Machine;
import org.latebind.hardware.Mmio;
import org.latebind.passthrough.XenHost;

/** A device of the board as its driver sees it: a node of the tree and the machine behind it. */
final class TreeDevice implements Device {

    private final String path;
    private final String name;
    private final DeviceTree tree;
    private final Node node;
    private final Machine machine;
    private final BiConsumer<LogLevel, String> log;
    private final XenHost xen;
    private final List<RegEntry> registers;
    private final List<Reference> interrupts;
    private volatile DmaApi dma;

    /**
     * Makes the view.
     *
     * @param path    path of the device: the node's, or for a child that a driver made, its own
     * @param name    Linux' device name
     * @param tree    the board
     * @param node    the node that describes it
     * @param machine the hardware
     * @param log     takes the driver's lines
     * @param xen     the hypervisor's side in Xen mode, else null
     */
    TreeDevice(String path, String name, DeviceTree tree, Node node, Machine machine, BiConsumer<LogLevel, String> log,
            XenHost xen) {
        this.path = path;
        this.name = name;
        this.tree = tree;
        this.node = node;
        this.machine = machine;
        this.log = log;
        this.xen = xen;
        this.registers = node.reg();
        this.interrupts = ReferenceList.interrupts(tree, node).entries();
    }

    Node node() {
        return node;
    }

    /** Sets what {@link #dma} answers; before the driver's probe. */
    void dma(DmaApi api) {
        dma = api;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String name() {
        return name;
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
        return registers.size();
    }

    @Override
    public long registerAddress(int index) {
        return registers.get(index).cpuAddress();
    }

    @Override
    public long registerSize(int index) {
        return registers.get(index).sizeBytes();
    }

    @Override
    public Mmio registers(int index) {
        RegEntry entry = registers.get(index);
        return machine.map(entry.cpuAddress(), entry.sizeBytes());
    }

    @Override
    public int interruptCount() {
        return interrupts.size();
    }

    @Override
    public int interruptLine(int index) {
        return machine.interrupts().line(interrupts.get(index).cells());
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public DmaApi dma() {
        return dma;
    }

    @Override
    public Optional<XenHost> xen() {
        return Optional.ofNullable(xen);
    }

    @Override
    public void log(LogLevel level, String text) {
        log.accept(Objects.requireNonNull(level, "level"), Objects.requireNonNull(text, "text"));
    }

    @Override
    public String toString() {
        return path;
    }
}
