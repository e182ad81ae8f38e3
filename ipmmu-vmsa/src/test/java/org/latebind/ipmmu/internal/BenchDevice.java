package org.latebind.ipmmu.internal;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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
import org.latebind.passthrough.XenHost;

/** A node of the tree as the driver's device. */
class BenchDevice implements Device {

    private final DeviceTree tree;
    private final Node node;
    private final Machine machine;
    private final Consumer<String> log;
    private boolean maskServed = true;
    private boolean interruptsServed = true;
    private XenHost xen;

    BenchDevice(DeviceTree tree, Node node, Machine machine, Consumer<String> log) {
        this.tree = tree;
        this.node = node;
        this.machine = machine;
        this.log = log;
    }

    BenchDevice underXen(XenHost host) {
        xen = host;
        return this;
    }

    @Override
    public Optional<XenHost> xen() {
        return Optional.ofNullable(xen);
    }

    void maskServed(boolean value) {
        maskServed = value;
    }

    void interruptsServed(boolean value) {
        interruptsServed = value;
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
        return interruptsServed ? interrupts().size() : 0;
    }

    @Override
    public int interruptLine(int index) {
        return machine.interrupts().line(interrupts().get(index).cells());
    }

    @Override
    public Machine machine() {
        return machine;
    }

    /** Only the mask is asked for: an IPMMU does no DMA through the API. */
    @Override
    public DmaApi dma() {
        ClassLoader loader = DmaApi.class.getClassLoader();
        return (DmaApi) Proxy.newProxyInstance(loader, new Class<?>[] {DmaApi.class}, (p, method, arguments) -> {
            if (method.getName().equals("setMask")) {
                return maskServed;
            }
            throw new UnsupportedOperationException(method.getName());
        });
    }

    @Override
    public void log(LogLevel level, String text) {
        log.accept(level + " " + name() + ": " + text);
    }
}
