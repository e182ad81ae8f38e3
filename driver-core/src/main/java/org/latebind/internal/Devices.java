package org.latebind.internal;

import java.util.HashMap;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.driver.Device.LogLevel;
import org.latebind.hardware.Machine;
import org.latebind.passthrough.XenHost;
import org.latebind.probe.Board;
import org.latebind.probe.BoardDevice;
import org.latebind.runtime.LogEntry;

/** The board's devices as drivers see them, made when first needed. Owner thread. */
final class Devices {

    private final Board board;
    private final DeviceTree tree;
    private final Machine machine;
    private final Journal journal;
    private final XenHost xen;
    private final Map<Integer, TreeDevice> views = new HashMap<>();

    /** {@code xen} is null in Linux mode. */
    Devices(Board board, DeviceTree tree, Machine machine, Journal journal, XenHost xen) {
        this.board = board;
        this.tree = tree;
        this.machine = machine;
        this.journal = journal;
        this.xen = xen;
    }

    TreeDevice at(int device) {
        return views.computeIfAbsent(device, number -> {
            BoardDevice described = board.device(number);
            String path = described.path();
            return new TreeDevice(path, described.name(), tree, nodeOf(described), machine,
                    (level, text) -> log(path, level, text), xen);
        });
    }

    private void log(String path, LogLevel level, String text) {
        journal.add(LogEntry.Kind.MESSAGE, level, path, text);
    }

    /** A device that a driver made is described by the nearest node above: a PCI function by its host bridge. */
    private Node nodeOf(BoardDevice described) {
        BoardDevice at = described;
        while (tree.byPath(at.path()) == null && at.creator() >= 0) {
            at = board.device(at.creator());
        }
        Node node = tree.byPath(at.path());
        return node == null ? tree.root() : node;
    }
}
