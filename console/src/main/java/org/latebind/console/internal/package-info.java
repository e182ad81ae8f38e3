/** The Gogo glue of the commands. */
package org.latebind.console.internal;
