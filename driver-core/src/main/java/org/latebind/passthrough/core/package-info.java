/** The hypervisor's side of passthrough, in plain Java: domains, devices, the rules of assignment, the boot fixpoint. */
package org.latebind.passthrough.core;
