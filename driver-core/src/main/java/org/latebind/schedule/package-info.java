/**
 * The schedule language: what happens to a system, one event a line. Scripts, replays and counterexamples all speak it;
 * its reference is docs/schedules.md.
 */
@Export
@Version("1.0.0")
package org.latebind.schedule;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
