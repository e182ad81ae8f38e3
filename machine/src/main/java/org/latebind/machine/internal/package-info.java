/** The OSGi side of the machine bundle. */
package org.latebind.machine.internal;
