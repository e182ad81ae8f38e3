/**
 * The generic driver for DMA masters: an extender for bundles without code, and the driver of every master nobody claims.
 */
package org.latebind.dmaclient;
