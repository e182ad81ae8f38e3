package org.latebind.probe;

/** What can be read from a state. Numbers are those of the {@link Board} and the {@link ModuleCatalogue}. */
public interface StateView {

    /** The board. */
    Board board();

    /** The modules. */
    ModuleCatalogue catalogue();

    /** Whether the device exists at the moment. */
    boolean present(int device);

    /** The driver that holds the device, or -1; a driver that is still probing does not. */
    int driver(int device);

    /** Whether a driver holds the device. */
    default boolean bound(int device) {
        return driver(device) >= 0;
    }

    /** Number of the device's group, or -1. */
    int group(int device);

    /** The IOMMU the device is attached to, or -1. */
    int attachedTo(int device);

    /** Whether the device, a supplier, was told that all its consumers are bound; runs without a log never say so. */
    boolean stateSynced(int device);

    /** Whether the device stands in the deferred list. */
    boolean deferred(int device);

    /** What has become of the device; a device that does not exist is NO_DRIVER. */
    Outcome outcome(int device);

    /** Text of the deferred list for this device, with the driver's or bus name in front; empty for none. */
    String reasonText(int device);

    /** Name of the device; of late-named ones only while they exist. */
    String deviceName(int device);

    /** The deferred list, in order. */
    int[] deferredList();

    /** Whether the IOMMU is registered. */
    boolean iommuLive(int iommu);

    /** The driver of the IOMMU, now or last, or -1. */
    int driverOfIommu(int iommu);

    /** Whether the IOMMU was ever registered. */
    boolean iommuEverLive(int iommu);

    /** Whether the IOMMU's hardware aborts streams nobody attached, now. */
    boolean iommuAborts(int iommu);

    /** Whether DMA of the bound device reaches memory. */
    boolean dmaWorks(int device);

    /** Whether the module is loaded. */
    boolean loaded(int module);

    /** Whether the driver is registered. */
    boolean registered(int driver);

    /** Virtual time. */
    long nowMicros();

    /** When the deferred-probe timer is due, or -1. */
    long timerDueMicros();

    /** When the timer was last (re)started, or -1. */
    long timerArmedMicros();

    /** Present value of the timeout in seconds; 0 once it expired. */
    int timeoutSeconds();

    /** Whether late-init is over. */
    boolean lateInitDone();

    /** Whether the hypervisor gave up at boot (policy xen). */
    boolean panicked();

    /** Whether the hypervisor booted on without an IOMMU (policy xen). */
    boolean withoutIommu();
}
