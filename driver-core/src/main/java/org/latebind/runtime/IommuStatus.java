package org.latebind.runtime;

import java.util.List;

/**
 * One registered IOMMU unit.
 *
 * @param path    path of its device
 * @param driver  name of its driver
 * @param clients paths of the devices that hold streams of it, in the order in which they came
 * @param domains one line for each live domain: type and hardware resources held
 */
public record IommuStatus(String path, String driver, List<String> clients, List<String> domains) {
}
