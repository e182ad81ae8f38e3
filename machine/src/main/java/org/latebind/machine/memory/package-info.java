/**
 * The physical memory of a simulated machine and the allocator that hands out pieces of it.
 */
@Export
@Version("1.0.0")
package org.latebind.machine.memory;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
