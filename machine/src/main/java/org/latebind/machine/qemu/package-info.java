/**
 * QEMU's {@code virt} machine with its SMMUv3 and {@code edu} devices as hardware, driven through the test socket.
 */
@Export
@Version("1.0.0")
package org.latebind.machine.qemu;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
