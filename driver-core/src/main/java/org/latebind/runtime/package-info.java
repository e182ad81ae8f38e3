/**
 * The running driver core as other bundles see it: the board that feeds it, snapshots, commands and the log.
 *
 * <p>Somebody publishes a {@link org.latebind.runtime.BoardSource} and a {@link org.latebind.hardware.Machine}; the core
 * comes up, publishes {@link org.latebind.runtime.DriverCore}, and mirrors every device, IOMMU unit and group as a service.
 */
@Export
@Version("1.2.0")
package org.latebind.runtime;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
