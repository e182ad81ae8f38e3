package org.latebind.explorer;

/** Rules of findings; the ids are stable. Cause, example and repair of each stand in docs/findings.md. */
public enum Rule {
    /** A known driver drives the device, and no order binds it. */
    NEVER_BOUND("never-bound", "no order binds it although a driver of the catalogue drives it"),
    /** The device can end bound without its IOMMU, its DMA untranslated. */
    BOUND_UNTRANSLATED("bound-untranslated", "it can end bound past its IOMMU, with untranslated DMA"),
    /** The device can end bound with its DMA aborted. */
    BOUND_THEN_BLOCKED("bound-then-blocked", "it can end bound with its DMA aborted by its IOMMU"),
    /** The order decides how the device ends. */
    ORDER_DEPENDENT("order-dependent", "the order of events decides how it ends"),
    /** After an unload and a reload the device is not what it was. */
    STRANDED_AFTER_UNLOAD("stranded-after-unload", "after an unload and a reload it stays without driver"),
    /** One event makes devices probe without end. */
    REPROBE_LIVELOCK("reprobe-livelock", "one event makes it probe again and again without end"),
    /** An unload takes a bound device's IOMMU away. */
    LOST_IOMMU_AFTER_SUPPLIER_UNLOAD("lost-iommu-after-supplier-unload",
        "an unload takes its IOMMU away while it stays bound"),
    /** A module of the initramfs or a built-in depends on one that is not in the initramfs. */
    SUPPLIER_NOT_IN_INITRAMFS("supplier-not-in-initramfs",
        "its driver is there early, the module of its supplier is not in the initramfs");

    private final String id;
    private final String text;

    Rule(String id, String text) {
        this.id = id;
        this.text = text;
    }

    /** The stable id. */
    public String id() {
        return id;
    }

    /** What the rule says about a device, for people. */
    public String text() {
        return text;
    }
}
