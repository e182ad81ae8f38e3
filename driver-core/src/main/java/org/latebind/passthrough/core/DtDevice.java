package org.latebind.passthrough.core;

import java.util.Arrays;
import java.util.OptionalInt;
import org.latebind.devicetree.Node;
import org.latebind.driver.DeviceProperties;
import org.latebind.driver.Errno;
import org.latebind.passthrough.XenDevice;

/** A device of the host tree: its specifier and its owner. */
final class DtDevice implements XenDevice {

    private static final int NO_REQUESTER = -1;

    private final Node node;
    private final String path;
    private final int requesterId;
    private int[] ids;
    private String iommuPath;
    private boolean isProtected;
    private GuestDomain owner;
    private boolean quarantined;

    DtDevice(Node node) {
        this(node, node.path(), NO_REQUESTER);
    }

    /** A PCI function behind the host bridge {@code node}. */
    DtDevice(Node node, String path, int requesterId) {
        this.node = node;
        this.path = path;
        this.requesterId = requesterId;
    }

    Node node() {
        return node;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public OptionalInt requesterId() {
        return requesterId == NO_REQUESTER ? OptionalInt.empty() : OptionalInt.of(requesterId);
    }

    @Override
    public DeviceProperties properties() {
        return node;
    }

    @Override
    public String iommuPath() {
        return iommuPath;
    }

    @Override
    public int idCount() {
        return ids == null ? 0 : ids.length;
    }

    @Override
    public int id(int index) {
        return ids[index];
    }

    @Override
    public boolean isProtected() {
        return isProtected;
    }

    void setProtected(boolean value) {
        isProtected = value;
    }

    boolean hasSpecifier() {
        return iommuPath != null;
    }

    /** {@code iommu_fwspec_init}: one IOMMU for each device. */
    Errno initSpecifier(String iommu) {
        if (iommuPath != null) {
            return iommuPath.equals(iommu) ? null : Errno.EINVAL;
        }
        iommuPath = iommu;
        ids = new int[0];
        return null;
    }

    /** {@code iommu_fwspec_add_ids}. */
    Errno addIds(int... more) {
        if (iommuPath == null) {
            return Errno.EINVAL;
        }
        int length = ids.length;
        ids = Arrays.copyOf(ids, length + more.length);
        System.arraycopy(more, 0, ids, length, more.length);
        return null;
    }

    /** {@code iommu_fwspec_free}. */
    void freeSpecifier() {
        iommuPath = null;
        ids = null;
    }

    GuestDomain owner() {
        return owner;
    }

    /** A quarantined device that loses its owner stays blocked until somebody gets it. */
    void owner(GuestDomain domain) {
        owner = domain;
        quarantined = quarantined && domain == null;
    }

    boolean quarantined() {
        return quarantined;
    }

    void quarantined(boolean value) {
        quarantined = value;
    }
}
