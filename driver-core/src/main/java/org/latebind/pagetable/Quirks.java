package org.latebind.pagetable;

/** Quirk bits of a {@link PageTableConfig}, with Linux' values ({@code IO_PGTABLE_QUIRK_*}). */
public final class Quirks {

    /** Stage 1 and short descriptors: leaves carry NS, table descriptors NSTable. For masters of the non-secure world. */
    public static final int ARM_NS = 1;
    /** Short descriptors: permissions and access flag are left out, for hardware without them. */
    public static final int NO_PERMS = 1 << 1;
    /** Short descriptors: address bits 32 to 34 go to descriptor bits 9, 4 and 5 (MediaTek). Needs {@link #NO_PERMS}. */
    public static final int ARM_MTK_EXT = 1 << 3;
    /** Short descriptors: the root may lie above 4 GiB (MediaTek). Needs {@link #ARM_MTK_EXT}. */
    public static final int ARM_MTK_TTBR_EXT = 1 << 4;
    /** Stage 1: input addresses of the upper half, TTBR1 and the TG1 encoding. */
    public static final int ARM_TTBR1 = 1 << 5;
    /** Stage 1, walker not coherent: walks use the outer cache, write-back write-allocate. */
    public static final int ARM_OUTER_WBWA = 1 << 6;
    /** Stage 1: writable leaves carry DBM, hardware updates the dirty state. */
    public static final int ARM_HD = 1 << 7;
    /** Stage 2, {@link Behaviour#V7_3}: a cacheable leaf forces write-back (MemAttr 0b0110). */
    public static final int ARM_S2FWB = 1 << 8;
    /** Long descriptors, {@link Behaviour#V7_3}: no warning when something is mapped already or not mapped. */
    public static final int NO_WARN = 1 << 9;

    private Quirks() {
    }
}
