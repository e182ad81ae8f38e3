package org.latebind.smmu.v3;

import java.util.ArrayList;
import java.util.List;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.hardware.Machine;
import org.latebind.machine.TreeNodeDevice;

/** A device whose log is kept. */
final class RigDevice extends TreeNodeDevice {

    final List<String> log;

    RigDevice(DeviceTree tree, Node node, Machine machine) {
        this(tree, node, machine, new ArrayList<>());
    }

    private RigDevice(DeviceTree tree, Node node, Machine machine, List<String> log) {
        super(tree, node, machine, (level, text) -> log.add(text));
        this.log = log;
    }
}
