/** The driver of the Renesas IPMMU-VMSA: Linux mode (stage 1) and Xen mode (stage 2). */
package org.latebind.ipmmu.internal;
