/**
 * Xen mode: guests with their stage 2 tables, devices handed to them and taken back, and what an IOMMU driver implements
 * for it. Words and results are those of Xen on Arm: 0 done, 1 "need not be protected", negative error numbers.
 */
@Export
@Version("1.2.0")
package org.latebind.passthrough;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
