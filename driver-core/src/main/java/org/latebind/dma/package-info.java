/**
 * The DMA API: bus addresses for device drivers, whatever stands between the device and memory.
 */
@Export
@Version("1.0.0")
package org.latebind.dma;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
