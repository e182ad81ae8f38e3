/**
 * Xen as its guests see it: calls about the guest's own grant table, the other domains that use it, and what a driver tells
 * of the grants it gave. Implemented by machines that run under Xen; drivers and the console know nothing else of Xen.
 */
@Export
@Version("1.0.0")
package org.latebind.hardware.xen;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
