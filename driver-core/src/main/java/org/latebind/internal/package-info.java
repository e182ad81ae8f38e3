/**
 * The OSGi shell: one owner thread, bounded calls into drivers, and the components that tie services to the engine.
 */
package org.latebind.internal;
