/**
 * IORT, the ACPI table that tells which IOMMU a device stands behind: reading it, and mapping ids through it.
 */
@Export
@Version("1.0.0")
package org.latebind.acpi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
