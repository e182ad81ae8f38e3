/**
 * Checks certificates of explorations with the probe engine alone: no class of the search is used. Format: docs/certificates.md.
 */
@Export
@Version("1.0.0")
package org.latebind.explorer.verify;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
