package org.latebind.probe;

/** The kernel parameter {@code fw_devlink}: what the core does with the supplier references of the firmware's description. */
public enum FwDevlink {
    /** Nothing is read. */ OFF,
    /** Links exist but never hold a probe back. */ PERMISSIVE,
    /** A consumer waits for its suppliers and is probed again when one binds. */ ON,
    /** As {@link #ON}, with runtime power management ordered too; the same for binding. */ RPM;

    /** Tells whether links hold consumers back. */
    public boolean holds() {
        return this == ON || this == RPM;
    }
}
