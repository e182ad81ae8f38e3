package org.latebind.iommu.core;

import java.util.List;
import org.latebind.driver.DeviceProperties;

/** A node without properties. */
record NoProperties(String path) implements DeviceProperties {

    @Override
    public boolean has(String property) {
        return false;
    }

    @Override
    public byte[] bytes(String property) {
        return null;
    }

    @Override
    public int[] cells(String property) {
        return new int[0];
    }

    @Override
    public List<String> strings(String property) {
        return List.of();
    }

    @Override
    public boolean available() {
        return true;
    }
}
