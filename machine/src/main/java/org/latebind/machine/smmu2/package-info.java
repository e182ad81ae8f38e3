/**
 * The Arm SMMUv1 and SMMUv2 (MMU-400, MMU-401, MMU-500 and the vendors' variants) as hardware and as protocol checker.
 */
@Export
@Version("1.0.0")
package org.latebind.machine.smmu2;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
