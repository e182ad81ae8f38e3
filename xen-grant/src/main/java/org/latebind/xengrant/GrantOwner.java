package org.latebind.xengrant;

/** Who holds references: one client of one bind. Identity is by reference. */
interface GrantOwner {

    /** Path of the device. */
    String devicePath();
}
