package org.latebind.driver;

/** What a probe came to. Deferral is a value, never an exception. */
public sealed interface ProbeResult permits Bound, Deferred, Failed {

    /** Bound, with the binding whose {@link Binding#close()} is the driver's remove. */
    static Bound bound(Binding binding) {
        return new Bound(binding, null);
    }

    /**
     * Deferred.
     *
     * @param supplier what it waits for: a device path, a property with its target, or a name; not null
     * @param reason   one line for people, for example {@code "no bound root IPMMU"}; not null
     */
    static Deferred deferred(String supplier, String reason) {
        return new Deferred(supplier, reason);
    }

    /** Failed for good; triggers never retry it. */
    static Failed failed(Errno errno, String text) {
        return new Failed(errno, text);
    }
}
