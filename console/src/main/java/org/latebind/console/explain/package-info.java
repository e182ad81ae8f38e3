/**
 * Why a device of the running board is not translated and what cures it: the explorer's explanation, asked about what happened
 * on this board so far. One implementation for the shell and the live page.
 */
@Export
@Version("1.0.0")
package org.latebind.console.explain;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
