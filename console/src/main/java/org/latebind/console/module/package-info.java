/**
 * Driver modules: bundles that bring drivers, by their names, loaded and unloaded on request.
 */
@Export
@Version("1.2.0")
package org.latebind.console.module;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
