/**
 * The Renesas IPMMU as hardware: Gen2, Gen3 and Gen4 register layouts, root and leaves, TLBs that forget nothing by
 * themselves, and a checker of the register protocol; and the product register next to it.
 */
@Export
@Version("1.0.0")
package org.latebind.machine.ipmmu;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
