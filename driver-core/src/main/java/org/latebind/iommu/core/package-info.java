/**
 * The live IOMMU core: clients and their streams, units, groups, default domains, attach and release.
 * It executes; who is configured when is the probe engine's decision. One thread at a time.
 */
package org.latebind.iommu.core;
