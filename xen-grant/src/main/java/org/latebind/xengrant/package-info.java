/**
 * Xen grant-DMA: the guest's own grant table in physical memory, DMA addresses made of grant references, and the driver that
 * offers them as an IOMMU of the runtime. Nothing is exported: the bundle is its services.
 */
package org.latebind.xengrant;
