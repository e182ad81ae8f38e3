/**
 * Explorations as documents: text, JSON-shaped maps, JUnit XML, SARIF 2.1.0, one self-contained HTML page. Pure functions.
 */
@Export
@Version("1.0.0")
package org.latebind.explorer.report;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
