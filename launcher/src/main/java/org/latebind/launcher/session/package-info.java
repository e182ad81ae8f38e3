/**
 * The part of the launcher that works inside the framework: publishes the board, plays the script, hands back a document of
 * JDK types. Request properties are those of {@link org.latebind.launcher.session.Request}.
 */
package org.latebind.launcher.session;
