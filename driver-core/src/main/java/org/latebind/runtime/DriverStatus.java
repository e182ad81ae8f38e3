package org.latebind.runtime;

import java.util.List;

/**
 * One registered driver.
 *
 * @param name       its name
 * @param bundle     symbolic name of its bundle
 * @param compatible compatible strings, in the order of the capability
 * @param iommu      whether it drives IOMMUs
 * @param devices    paths of the bound devices, in bind order
 * @param departing  whether it is on its way out
 */
public record DriverStatus(String name, String bundle, List<String> compatible, boolean iommu, List<String> devices,
        boolean departing) {
}
