package org.latebind.probe;

/** Why a device is where it is, packed into one int: a kind and an argument. */
enum Cause {
    /** Nothing to say. */ NONE,
    /** Link. */ LINK,
    /** Link to a bare node. */ NODE,
    /** IOMMU waited for. */ IOMMU_WAIT,
    /** IOMMU given up. */ IOMMU_TIMED_OUT,
    /** IOMMU assumed never to come. */ IOMMU_ASSUMED_NONE,
    /** Disabled IOMMU. */ IOMMU_DISABLED,
    /** Needs no IOMMU. */ NO_IOMMU,
    /** IOMMU whose driver refuses the device. */ IOMMU_REFUSED,
    /** Errno, and IOMMU from bit 12 on. */ IOMMU_ERROR,
    /** Text. */ DRIVER_DEFERRED,
    /** Errno, and driver from bit 12 on. */ DRIVER_FAILED,
    /** Node of a power domain. */ DOMAIN_WAIT,
    /** Node of a power domain. */ DOMAIN_TIMED_OUT,
    /** Probing is suspended. */ SUSPENDED,
    /** Supplier device that went. */ SUPPLIER_LEFT,
    /** IOMMU that went. */ IOMMU_LEFT,
    /** IOMMU of a second driver. */ SECOND_DRIVER,
    /** The list of entries cannot be read. */ BAD_ENTRY,
    /** Requester id without entry. */ NOT_MAPPED,
    /** IOMMU that was absent behind a ready one. */ MIXED,
    /** IOMMU whose driver translates nobody. */ NO_TRANSLATION,
    /** IOMMU that can never be. */ IMPOSSIBLE,
    /** IOMMU of another driver than the first entry's. */ DIFFERENT_DRIVERS,
    /** IOMMU that was not there when the device was created. */ AT_CREATION,
    /** IOMMU of a legacy master. */ LEGACY,
    /** Client that spoiled a registration. */ CLIENT_ERROR,
    /** Driver that was taken off. */ UNBOUND_BY_HAND,
    /** IOMMU on the wrong side of the legacy mode. */ LEGACY_MISMATCH,
    /** The hypervisor stopped. */ PANIC,
    /** Text, as of a driver that deferred: its probe starts itself anew without end. */ REPROBE_LOOP,
    /** Pin group whose controller is not there. */ PIN_WAIT;

    private static final Cause[] ALL = values();

    int with(int argument) {
        return ordinal() << 26 | argument & 0x3ffffff;
    }

    static Cause kind(int packed) {
        return ALL[packed >>> 26];
    }

    static int argument(int packed) {
        return packed & 0x3ffffff;
    }
}
