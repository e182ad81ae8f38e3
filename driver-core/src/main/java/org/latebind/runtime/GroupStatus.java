package org.latebind.runtime;

import java.util.List;
import org.latebind.iommu.DomainType;

/**
 * One group.
 *
 * @param number     lowest free number at creation
 * @param iommu      path of the unit
 * @param domainType type of the default domain
 * @param domain     hardware resources of the default domain, one line
 * @param members    paths of the devices, in the order in which they joined
 */
public record GroupStatus(int number, String iommu, DomainType domainType, String domain, List<String> members) {
}
