/**
 * Reports of the running core: pure queries over a snapshot, and printers for text and for JSON-shaped maps.
 */
@Export
@Version("1.0.0")
package org.latebind.console.report;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
