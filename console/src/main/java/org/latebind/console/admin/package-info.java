/** The state of the board for the Felix Web Console, its inventory, and Felix Health Checks: for people who run one of them. */
package org.latebind.console.admin;
