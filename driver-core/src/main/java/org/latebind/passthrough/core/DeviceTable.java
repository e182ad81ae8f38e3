package org.latebind.passthrough.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.driver.Errno;
import org.latebind.iommu.Translation;
import org.latebind.passthrough.XenIommuOps;

/** The devices of the host tree and {@code iommu_add_dt_device}. One thread at a time. */
final class DeviceTable {

    /** "Need not be protected". */
    static final int UNPROTECTED = 1;

    private final DeviceTree tree;
    private final Map<String, DtDevice> devices = new LinkedHashMap<>();

    DeviceTable(DeviceTree tree) {
        this.tree = tree;
    }

    /** The device of a path, made at first sight; null when the tree has no such node. */
    DtDevice find(String path) {
        Node node = tree.byPath(path);
        return node == null ? null : devices.computeIfAbsent(path, p -> new DtDevice(node));
    }

    List<DtDevice> known() {
        return new ArrayList<>(devices.values());
    }

    /**
     * Adds a device to the IOMMU.
     *
     * @param enabled whether the IOMMU set-up succeeded
     * @param ops     the table that is set, or null
     * @return 0 protected, 1 need not be protected, or a negative error number
     */
    int add(DtDevice device, boolean enabled, XenIommuOps ops) {
        if (!enabled) {
            return UNPROTECTED;
        }
        if (ops == null) {
            return -Errno.EINVAL.number();
        }
        if (device.hasSpecifier()) {
            return 0;
        }
        int result = UNPROTECTED;
        for (Reference reference : ReferenceList.iommus(tree, device.node()).entries()) {
            if (!reference.target().availableItself()) {
                // The specifier of earlier entries stays: a later call then answers 0 although nothing is protected.
                return UNPROTECTED;
            }
            Errno error = translate(device, reference, ops);
            if (error != null) {
                device.freeSpecifier();
                return -error.number();
            }
            result = 0;
        }
        if (result == 0) {
            Errno error = ops.addDevice(device);
            if (error != null) {
                device.freeSpecifier();
                return -error.number();
            }
            device.setProtected();
        }
        return result;
    }

    private static Errno translate(DtDevice device, Reference reference, XenIommuOps ops) {
        String iommu = reference.target().path();
        Errno error = device.initSpecifier(iommu);
        if (error != null) {
            return error;
        }
        Translation answer = ops.translate(device, iommu, reference.cells());
        if (answer instanceof Translation.Refused refused) {
            return refused.errno();
        }
        return device.addIds(((Translation.Ids) answer).ids());
    }
}
