/**
 * The probe engine: who binds, who waits and why, what times out, what an unload takes down. Pure and deterministic:
 * {@link org.latebind.probe.ProbeEngine#step} is a function of a state and an event. The live runtime, the explorer and the
 * conformance tests run the same code.
 */
@Export
@Version("1.3.0")
package org.latebind.probe;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
