/**
 * The device tree: reading compiled trees and sources, an immutable model, and the questions that drivers and the core ask of it.
 */
@Export
@Version("1.2.0")
package org.latebind.devicetree;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
