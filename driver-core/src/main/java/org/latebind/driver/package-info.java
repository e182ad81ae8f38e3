/**
 * Drivers and devices: what a driver bundle implements and what it is handed.
 */
@Export
@Version("1.0.0")
package org.latebind.driver;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
