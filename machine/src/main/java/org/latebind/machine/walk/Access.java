package org.latebind.machine.walk;

/**
 * What a transaction wants.
 *
 * @param write       it writes, else it reads
 * @param privileged  it is privileged
 * @param instruction it fetches instructions
 */
public record Access(boolean write, boolean privileged, boolean instruction) {

    /** Unprivileged data read. */ public static final Access READ = new Access(false, false, false);
    /** Unprivileged data write. */ public static final Access WRITE = new Access(true, false, false);
    /** Privileged data read. */ public static final Access PRIVILEGED_READ = new Access(false, true, false);
    /** Privileged data write. */ public static final Access PRIVILEGED_WRITE = new Access(true, true, false);
}
