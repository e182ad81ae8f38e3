/**
 * Model of an Arm SMMUv3 as a strict device: queues, stream table, context descriptors, both translation stages, and
 * caches that keep what they hold until software says otherwise.
 */
@Export
@Version("1.0.0")
package org.latebind.machine.smmu3;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
