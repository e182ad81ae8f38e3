package org.latebind.probe;

/** Why a device is where it is, packed into one int: a kind and an argument. */
enum Cause {
    NONE, /** Link. */ LINK, /** Link to a node. */ NODE, /** IOMMU waited for. */ IOMMU_WAIT, /** IOMMU given up. */ IOMMU_TIMED_OUT,
    /** IOMMU assumed never to come. */ IOMMU_ASSUMED_NONE, /** IOMMU disabled. */ IOMMU_DISABLED, /** Needs no IOMMU. */ NO_IOMMU,
    /** Refused by the IOMMU's driver. */ IOMMU_REFUSED, /** Attach error; errno. */ IOMMU_ERROR, /** Text. */ DRIVER_DEFERRED,
    /** Errno. */ DRIVER_FAILED, /** Node. */ DOMAIN_WAIT, /** Node. */ DOMAIN_TIMED_OUT, SUSPENDED, /** Device. */ SUPPLIER_LEFT,
    /** IOMMU. */ IOMMU_LEFT, /** IOMMU. */ SECOND_DRIVER, /** Entry that ends the list. */ BAD_ENTRY, NOT_MAPPED,
    /** IOMMU that was absent behind a ready one. */ MIXED, /** IOMMU. */ NO_TRANSLATION, /** IOMMU that can never be. */ IMPOSSIBLE,
    /** IOMMU. */ DIFFERENT_DRIVERS, /** IOMMU not up when the device was created. */ AT_CREATION, /** IOMMU of legacy master. */ LEGACY,
    /** Client device that spoiled the registration. */ CLIENT_ERROR, /** Driver. */ UNBOUND_BY_HAND, /** Legacy mismatch. */ LEGACY_MISMATCH,
    /** Xen: no progress. */ PANIC, /** Static text of the model. */ MODEL_TEXT;

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
