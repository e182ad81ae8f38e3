package org.latebind.pci;

import java.util.Locale;

/** What a PCI function is; the words are those of the PCI Express capability's device/port type. */
public enum PciKind {
    /** PCI Express endpoint. */ ENDPOINT(true, false),
    /** Endpoint integrated into the root complex. */ ROOT_COMPLEX_ENDPOINT(true, false),
    /** Event collector of the root complex. */ EVENT_COLLECTOR(true, false),
    /** Root port. */ ROOT_PORT(true, true),
    /** Upstream port of a switch. */ UPSTREAM(true, true),
    /** Downstream port of a switch. */ DOWNSTREAM(true, true),
    /** Bridge from PCI Express to conventional PCI. */ PCIE_TO_PCI(true, true),
    /** Bridge from conventional PCI to PCI Express. */ PCI_TO_PCIE(true, true),
    /** Bridge between conventional buses, or one that does not say what it is. */ CONVENTIONAL_BRIDGE(false, true),
    /** Function of a conventional bus, or one that does not say what it is. */ CONVENTIONAL(false, false);

    private final boolean express;
    private final boolean bridge;

    PciKind(boolean express, boolean bridge) {
        this.express = express;
        this.bridge = bridge;
    }

    /** Tells whether the function has a PCI Express capability. */
    public boolean express() {
        return express;
    }

    /** Tells whether there is a bus behind the function. */
    public boolean bridge() {
        return bridge;
    }

    /** Returns the word used in population files, for example {@code root-port}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
