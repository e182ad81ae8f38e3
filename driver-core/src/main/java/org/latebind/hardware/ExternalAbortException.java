package org.latebind.hardware;

/** An access that no device and no memory answered: the bus reports an external abort. */
public final class ExternalAbortException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long address;

    /**
     * Reports an access to nothing.
     *
     * @param address physical address of the access, in bytes, unsigned
     * @param access  what was tried, for example {@code "read of 8 bytes"}; not null
     */
    public ExternalAbortException(long address, String access) {
        super("external abort: " + access + " at physical address 0x" + Long.toHexString(address));
        this.address = address;
    }

    /** Returns the physical address of the access, in bytes, unsigned. */
    public long address() {
        return address;
    }
}
