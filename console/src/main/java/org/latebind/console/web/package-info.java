/**
 * The live page: servlets for the OSGi HTTP Whiteboard over the services of the driver core. What is asked of the core is
 * decided in small pure classes ({@link org.latebind.console.web.Access}, {@link org.latebind.console.web.StateDelta});
 * the servlets only carry it. Nothing here is exported.
 */
package org.latebind.console.web;
