package org.latebind.ipmmu.internal;

import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.function.Consumer;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.LinuxDeviceName;
import org.latebind.devicetree.Node;
import org.latebind.dma.DmaApi;
import org.latebind.hardware.Machine;
import org.latebind.machine.TreeNodeDevice;
import org.latebind.passthrough.XenHost;

/** A device that can be told to lack an interrupt or a mask, under Xen if somebody says so. */
class BenchDevice extends TreeNodeDevice {

    private boolean maskServed = true;
    private boolean interruptsServed = true;
    private XenHost xen;

    BenchDevice(DeviceTree tree, Node node, Machine machine, Consumer<String> log) {
        super(tree, node, machine, (level, text) -> log.accept(level + " " + LinuxDeviceName.of(node) + ": " + text));
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
    public int interruptCount() {
        return interruptsServed ? super.interruptCount() : 0;
    }

    /** Only the mask is asked for: an IPMMU does no DMA through the API. */
    @Override
    public DmaApi dma() {
        ClassLoader loader = DmaApi.class.getClassLoader();
        return (DmaApi) Proxy.newProxyInstance(loader, new Class<?>[] {DmaApi.class}, (p, method, arguments) -> {
            if (method.getName().equals("setMask")) {
                return maskServed;
            }
            throw new IllegalStateException(method.getName());
        });
    }
}
