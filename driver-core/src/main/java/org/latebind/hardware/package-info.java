/**
 * The machine as a driver sees it: registers, memory, interrupts and the masters that do DMA.
 * Simulated hardware, QEMU and any later backend implement these interfaces; drivers know nothing else.
 */
@Export
@Version("1.0.0")
package org.latebind.hardware;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
