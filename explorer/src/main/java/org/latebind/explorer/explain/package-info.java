/**
 * Why a device is not translated, what would cure it, and what nearly would.
 */
@Export
@Version("1.1.0")
package org.latebind.explorer.explain;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
