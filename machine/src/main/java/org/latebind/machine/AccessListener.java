package org.latebind.machine;

/** Sees every register access of a machine, in order. Called under the machine's lock: it must not call the machine. */
@FunctionalInterface
public interface AccessListener {

    /**
     * One access that a model answered.
     *
     * @param path   path of the device
     * @param window index of its register window
     * @param offset byte offset inside the window
     * @param write  true for a write
     * @param value  value written, or value read, zero extended
     */
    void access(String path, int window, long offset, boolean write, long value);
}
