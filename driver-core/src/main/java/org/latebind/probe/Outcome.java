package org.latebind.probe;

/** What has become of a device: the nine words of the code, the logs, the JSON and the documents. */
public enum Outcome {
    /** No registered driver matches. */
    NO_DRIVER(false),
    /** A driver matched, the last attempt was deferred; the device stands in the deferred list. */
    PENDING(false),
    /** A driver matched, the last attempt ended in another error; nothing retries it by itself. */
    FAILED(false),
    /** Bound, in a group, behind its IOMMU with a translating default domain. */
    BOUND_TRANSLATED(true),
    /** Bound, in a group whose default domain is identity. */
    BOUND_IDENTITY(true),
    /** Bound without a group: no IOMMU, a disabled, absent or given-up one, or one that refuses the device by policy. */
    BOUND_DIRECT(true),
    /** Bound without a group, and the IOMMU's hardware, up by now, aborts its DMA. */
    BOUND_BLOCKED(true),
    /** In a group, with a default domain, but without a driver. */
    GROUPED_UNBOUND(false),
    /** Was bound; the core took its driver away because a supplier went. In no list. */
    FORCED_OFF(false);

    private final boolean bound;

    Outcome(boolean bound) {
        this.bound = bound;
    }

    /** Tells whether a driver holds the device. */
    public boolean isBound() {
        return bound;
    }
}
