/**
 * The hypervisor's side of the Xen grant table: what backend domains may do with the pages a guest grants, with the checks,
 * status codes and reference counts of Xen on Arm, and two parties of ill will for tests.
 */
@Export
@Version("1.0.0")
package org.latebind.machine.xen;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
