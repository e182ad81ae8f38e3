/**
 * Views of a run's log: kernel-style text, Chrome trace events, the critical path to a bound device, who waited longest, a
 * chart, and the schedule that plays the run again. Pure functions on log entries; no framework.
 */
@Export
@Version("1.0.0")
package org.latebind.console.trace;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
