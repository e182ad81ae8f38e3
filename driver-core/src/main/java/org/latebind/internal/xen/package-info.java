/** State of grant-DMA drivers that the core keeps for them. */
package org.latebind.internal.xen;
