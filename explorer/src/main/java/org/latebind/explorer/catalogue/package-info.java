/**
 * Where modules come from: catalogue files, kernel module directories, driver bundles; and the devices a tree does not name.
 */
@Export
@Version("1.1.0")
package org.latebind.explorer.catalogue;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
