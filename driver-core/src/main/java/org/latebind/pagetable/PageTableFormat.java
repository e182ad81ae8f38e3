package org.latebind.pagetable;

/** Translation table formats, by the kernel's names and in its order ({@code enum io_pgtable_fmt}). */
public enum PageTableFormat {
    /** Long descriptors, 32-bit input, stage 1 (DDI 0406C, section B3.6). */ ARM_32_LPAE_S1(1),
    /** Long descriptors, at most 40-bit input, stage 2. */ ARM_32_LPAE_S2(2),
    /** VMSAv8-64, stage 1 (DDI 0487, chapter D8). */ ARM_64_LPAE_S1(1),
    /** VMSAv8-64, stage 2. */ ARM_64_LPAE_S2(2),
    /** Short descriptors (DDI 0406C, section B3.5). */ ARM_V7S(1);

    private final int stage;

    PageTableFormat(int stage) {
        this.stage = stage;
    }

    /** Returns the stage of translation, 1 or 2. */
    public int stage() {
        return stage;
    }

    /** Tells whether descriptors have 8 bytes (all formats but the short ones). */
    public boolean longDescriptors() {
        return this != ARM_V7S;
    }
}
