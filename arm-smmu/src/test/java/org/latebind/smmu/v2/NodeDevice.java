package org.latebind.smmu.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.hardware.Machine;
import org.latebind.machine.TreeNodeDevice;
import org.latebind.passthrough.XenHost;

/** A device whose log is kept, under Xen if somebody says so. */
final class NodeDevice extends TreeNodeDevice {

    final List<String> log;
    /** The hypervisor in Xen mode, else null. */
    XenHost xen;

    NodeDevice(DeviceTree tree, Node node, Machine machine) {
        this(tree, node, machine, new ArrayList<>());
    }

    private NodeDevice(DeviceTree tree, Node node, Machine machine, List<String> log) {
        super(tree, node, machine, (level, text) -> log.add(level + " " + text));
        this.log = log;
    }

    @Override
    public Optional<XenHost> xen() {
        return Optional.ofNullable(xen);
    }
}
