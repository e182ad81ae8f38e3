/**
 * PCI functions as DMA masters: which of them a board has, with which requester ids they appear at an IOMMU, and which of them
 * cannot be told apart or kept apart.
 */
@Export
@Version("1.0.0")
package org.latebind.pci;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
