package org.latebind.passthrough.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.IommuMap;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.driver.Errno;
import org.latebind.iommu.Translation;
import org.latebind.passthrough.XenIommuOps;
import org.latebind.passthrough.XenIommuOps.Hook;

/** The devices of the host tree and {@code iommu_add_dt_device}. One thread at a time. */
final class DeviceTable {

    /** "Need not be protected". */
    static final int UNPROTECTED = 1;

    private static final int HEXADECIMAL = 16;
    private static final Pattern PCI_FUNCTION = Pattern.compile("(/.+)@([0-9a-f]{1,4})");

    private final DeviceTree tree;
    private final Map<String, DtDevice> devices = new LinkedHashMap<>();

    DeviceTable(DeviceTree tree) {
        this.tree = tree;
    }

    /** The device of a path, made at first sight; null when the tree has no such node, or no such host bridge. */
    DtDevice find(String path) {
        Node node = tree.byPath(path);
        if (node != null) {
            return devices.computeIfAbsent(path, p -> new DtDevice(node));
        }
        Matcher function = PCI_FUNCTION.matcher(path);
        Node host = function.matches() ? tree.byPath(function.group(1)) : null;
        if (host == null) {
            return null;
        }
        int requesterId = Integer.parseInt(function.group(2), HEXADECIMAL);
        // One device however many zeroes lead its id.
        return devices.computeIfAbsent(host.path() + "@" + Integer.toHexString(requesterId),
                p -> new DtDevice(host, p, requesterId));
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
        return device.requesterId().isPresent() ? addFunction(device, ops) : addNode(device, ops);
    }

    private int addNode(DtDevice device, XenIommuOps ops) {
        if (device.hasSpecifier()) {
            return 0;
        }
        int result = UNPROTECTED;
        for (Reference reference : ReferenceList.iommus(tree, device.node()).entries()) {
            if (!ops.hooks().contains(Hook.ADD_DEVICE) || !ops.hooks().contains(Hook.DT_XLATE)) {
                return -Errno.EINVAL.number();
            }
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
        return result == 0 ? protect(device, ops) : result;
    }

    /** {@code iommu_add_pci_device}: the bridge's map says whose the function is; a second call is an error here. */
    private int addFunction(DtDevice device, XenIommuOps ops) {
        if (device.hasSpecifier()) {
            return -Errno.EEXIST.number();
        }
        if (!ops.hooks().contains(Hook.ADD_DEVICE) || !ops.hooks().contains(Hook.DT_XLATE)) {
            return -Errno.EINVAL.number();
        }
        IommuMap map = IommuMap.of(tree, device.node(), IommuMap.Reading.TARGET_CELLS);
        IommuMap.Answer answer = map == null ? new IommuMap.Unmapped() : map.translate(device.requesterId().getAsInt());
        if (answer instanceof IommuMap.Mapped mapped) {
            if (!mapped.reference().target().availableItself()) {
                return UNPROTECTED;
            }
            if (translate(device, mapped.reference(), ops) != null) {
                device.freeSpecifier();
                return -Errno.EINVAL.number();
            }
            return protect(device, ops);
        }
        return answer instanceof IommuMap.Unmapped ? UNPROTECTED : -Errno.EINVAL.number();
    }

    private static int protect(DtDevice device, XenIommuOps ops) {
        Errno error = ops.addDevice(device);
        if (error != null) {
            device.freeSpecifier();
            return -error.number();
        }
        device.setProtected(true);
        return 0;
    }

    /**
     * Removes a device from the IOMMU ({@code iommu_remove_dt_device}).
     *
     * @return 0, 1 without an IOMMU, or a negative error number
     */
    int remove(DtDevice device, boolean enabled, XenIommuOps ops) {
        if (!enabled) {
            return UNPROTECTED;
        }
        if (ops == null || !ops.hooks().contains(Hook.REMOVE_DEVICE)) {
            return -Errno.EOPNOTSUPP.number();
        }
        if (device.owner() != null) {
            return -Errno.EBUSY.number();
        }
        Errno error = ops.removeDevice(device);
        if (error != null) {
            return -error.number();
        }
        device.setProtected(false);
        device.freeSpecifier();
        return 0;
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
