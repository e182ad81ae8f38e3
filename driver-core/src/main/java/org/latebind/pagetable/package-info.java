/**
 * Arm translation tables, exact to the bit, and the invalidation contract.
 */
@Export
@Version("1.0.0")
package org.latebind.pagetable;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
