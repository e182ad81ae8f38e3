/**
 * Explores what every order of loads, unloads and timer expiry leads to on a board: {@link org.latebind.explorer.Explorer} takes
 * an {@link org.latebind.explorer.ExplorerInput} and returns an {@link org.latebind.explorer.Exploration}.
 */
@Export
@Version("1.1.0")
package org.latebind.explorer;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
