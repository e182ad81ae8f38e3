/**
 * Simulated hardware: the bus, memory, interrupt controller and DMA masters, and the interfaces a device model implements.
 */
@Export
@Version("1.3.0")
package org.latebind.machine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
