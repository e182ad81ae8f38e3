package org.latebind.probe;

/**
 * What the world has to do for the engine. {@link Probe}, {@link Attach}, {@link Release} and {@link Remove} are awaited: the
 * engine goes on when the answer arrives as an event. The others are announcements. Numbers are those of the {@link Board}
 * (devices, IOMMUs) and the {@link ModuleCatalogue} (drivers).
 */
public sealed interface Action {

    /** Tells whether the engine waits for an answer. */
    default boolean awaited() {
        return true;
    }

    /** Run the driver's probe; answer {@link Event.Probed}. */
    record Probe(int device, int driver) implements Action { }

    /**
     * Translate all entries of the client's {@code iommus} (or its requester ids), let the IOMMU's driver accept it, put it
     * into
     * a group with a default domain; answer {@link Event.Attached}.
     *
     * @param device the client
     * @param iommu  the IOMMU of the first entry
     */
    record Attach(int device, int iommu) implements Action { }

    /** Detach the client from its IOMMU and take it out of its group; answer {@link Event.Done}. */
    record Release(int device, int iommu) implements Action { }

    /** Run the driver's remove (close the binding); answer {@link Event.Done}. */
    record Remove(int device, int driver) implements Action { }

    /** The IOMMU of this device is registered from now on. */
    record RegisterIommu(int iommu, int device) implements Action {
        @Override
        public boolean awaited() {
            return false;
        }
    }

    /** The IOMMU is gone; all its clients were released. */
    record UnregisterIommu(int iommu) implements Action {
        @Override
        public boolean awaited() {
            return false;
        }
    }

    /** Send {@link Event.Advance} with this time when it has come. Replaces an earlier one. */
    record ArmTimer(long atMicros) implements Action {
        @Override
        public boolean awaited() {
            return false;
        }
    }
}
