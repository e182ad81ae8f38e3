/**
 * The command line: parses arguments, runs what needs no framework itself, and boots Felix for the rest.
 */
package org.latebind.launcher;
