/**
 * Plays schedules on the probe engine, without drivers or framework.
 */
@Export
@Version("1.1.0")
package org.latebind.explorer.replay;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
