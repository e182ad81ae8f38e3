package org.latebind.machine.xen;

/**
 * What Xen remembers of one grant while somebody uses it: the snapshot that rules until the last pin is gone.
 *
 * <pre>
 * pin  31..24 device readers | 23..16 device writers | 15..8 host readers | 7..0 host writers
 * </pre>
 * Each field counts to 128 at most; Xen refuses the next one.
 */
final class ActiveEntry {

    static final int HOST_WRITE = 1;
    static final int HOST_READ = 1 << 8;
    private static final int WRITERS = 0x00FF_00FF;
    private static final int FULL = 0x80;

    int pin;
    int domid;
    long frame;
    /** A copy may use part of the page only: bytes {@code start} to {@code start + length - 1}. */
    boolean partial;
    int start;
    int length = 4096;
    /** The domain the page belongs to; differs from the table's owner for a transitive grant only. */
    int pageOwner;

    static int increment(boolean readOnly) {
        return readOnly ? HOST_READ : HOST_WRITE;
    }

    boolean pinned() {
        return pin != 0;
    }

    boolean hasWriter() {
        return (pin & WRITERS) != 0;
    }

    boolean full(int increment) {
        return (share(increment) & FULL) != 0;
    }

    private int share(int increment) {
        return pin >>> Integer.numberOfTrailingZeros(increment) & 0xFF;
    }

    void add(int increment) {
        pin += increment;
    }

    void drop(int increment) {
        if (share(increment) == 0) {
            throw new IllegalStateException("pin 0x" + Integer.toHexString(pin) + " has no share 0x"
                    + Integer.toHexString(increment) + " to drop");
        }
        pin -= increment;
    }
}
