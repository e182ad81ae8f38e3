/**
 * A translation table walker written from the architecture's side (DDI 0487 chapter D8, DDI 0406C chapter B3), for
 * models of IOMMUs and as a check of what drivers write. It shares nothing with the encoder of the driver core.
 */
@Export
@Version("1.0.0")
package org.latebind.machine.walk;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
