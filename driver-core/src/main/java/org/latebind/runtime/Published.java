package org.latebind.runtime;

/** Names of the service properties of the mirrored services. */
public final class Published {

    /** Path of a device ({@link MirroredDevice}), of a unit ({@link MirroredIommu}). */
    public static final String DEVICE_PATH = "latebind.device.path";
    /** Outcome word of a device, for example {@code BOUND_TRANSLATED}. */
    public static final String OUTCOME = "latebind.outcome";
    /** {@link Boolean}: whether the device is bound. */
    public static final String BOUND = "latebind.bound";
    /** Name of the driver of a device or unit; absent when there is none. */
    public static final String DRIVER = "latebind.device.driver";
    /** Compatible strings of a device, {@code String[]}. */
    public static final String COMPATIBLE = "latebind.compatible";
    /** Path of the unit a device or group belongs to; absent when there is none. */
    public static final String IOMMU = "latebind.iommu.path";
    /** {@link Integer}: group number of a device or group; absent when there is none. */
    public static final String GROUP = "latebind.group";

    private Published() {
    }
}
