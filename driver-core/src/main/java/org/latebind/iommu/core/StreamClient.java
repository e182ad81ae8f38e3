package org.latebind.iommu.core;

import java.util.Arrays;
import java.util.Objects;
import org.latebind.driver.DeviceProperties;
import org.latebind.iommu.IommuClient;

/**
 * A device with the stream ids its units' drivers made of its specifiers (Linux: the fwspec). The first unit that
 * answered is the one the device is attached to; ids of further units of the same driver are appended
 * (driver core reference, section 4.4).
 */
public final class StreamClient implements IommuClient {

    private final String path;
    private final String name;
    private final boolean pci;
    private final Object pciGroup;
    private final DeviceProperties properties;
    private int[] ids = new int[0];
    private String iommuPath;

    /**
     * Makes a client without streams.
     *
     * @param path       path of the device; not null
     * @param name       Linux' device name; not null
     * @param pci        whether it sits on a PCI bus
     * @param properties the firmware's description; not null
     */
    public StreamClient(String path, String name, boolean pci, DeviceProperties properties) {
        this(path, name, pci, null, properties);
    }

    /**
     * Makes a client without streams.
     *
     * @param path       path of the device; not null
     * @param name       Linux' device name; not null
     * @param pci        whether it sits on a PCI bus
     * @param pciGroup   equal for functions that share a group by PCI rules; null for none
     * @param properties the firmware's description; not null
     */
    public StreamClient(String path, String name, boolean pci, Object pciGroup, DeviceProperties properties) {
        this.path = Objects.requireNonNull(path, "path");
        this.name = Objects.requireNonNull(name, "name");
        this.pci = pci;
        this.pciGroup = pciGroup;
        this.properties = Objects.requireNonNull(properties, "properties");
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
    public boolean isPci() {
        return pci;
    }

    @Override
    public Object pciGroup() {
        return pciGroup;
    }

    @Override
    public DeviceProperties properties() {
        return properties;
    }

    @Override
    public int idCount() {
        return ids.length;
    }

    @Override
    public int id(int index) {
        return ids[Objects.checkIndex(index, ids.length)];
    }

    @Override
    public String iommuPath() {
        return iommuPath;
    }

    /** The ids in order, for listings; a copy. */
    public int[] ids() {
        return ids.clone();
    }

    void append(String unitPath, int... more) {
        if (iommuPath == null) {
            iommuPath = unitPath;
        }
        int length = ids.length;
        ids = Arrays.copyOf(ids, length + more.length);
        System.arraycopy(more, 0, ids, length, more.length);
    }

    void forgetStreams() {
        ids = new int[0];
        iommuPath = null;
    }

    @Override
    public String toString() {
        return path + Arrays.toString(ids);
    }
}
