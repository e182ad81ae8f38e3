package org.latebind.probe;

/**
 * Stands in for the drivers where no real ones run: answers the engine's questions at once. Deterministic and without side
 * effects. The explorer uses {@link CatalogueModel}.
 */
public interface DriverModel {

    /** How the driver's probe of the device goes in this state. */
    ProbeAnswer probe(StateView state, int device, int driver);

    /** How attaching the client to the IOMMU goes in this state. */
    AttachAnswer attach(StateView state, int device, int iommu);
}
