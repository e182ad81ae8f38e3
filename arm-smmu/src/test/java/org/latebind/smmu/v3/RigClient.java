package org.latebind.smmu.v3;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.latebind.driver.DeviceProperties;
import org.latebind.iommu.IommuClient;

/** A device behind the SMMU. Identity is by reference. */
final class RigClient implements IommuClient {

    private final String path;
    private final DeviceProperties properties;
    private final String iommu;
    private final int[] ids;

    RigClient(String path, DeviceProperties properties, String iommu, int... ids) {
        this.path = path;
        this.properties = properties;
        this.iommu = iommu;
        this.ids = ids.clone();
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String name() {
        return path + Arrays.stream(ids).mapToObj(Integer::toHexString).collect(Collectors.joining(",", "[", "]"));
    }

    @Override
    public boolean isPci() {
        return true;
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
        return ids[index];
    }

    @Override
    public String iommuPath() {
        return iommu;
    }
}
