/**
 * The IOMMU core: units, specifiers, groups and domains. A driver bundle implements {@link org.latebind.iommu.IommuOps}.
 */
@Export
@Version("1.2.0")
package org.latebind.iommu;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
