package org.latebind.smmu.v3;

/** Turns "these addresses lost their translations" into commands, page by page or by ranges (Arm IHI 0070, section 4.4.1.1). */
final class RangeInvalidation {

    private static final int NUM_BITS = 5;
    private static final int NUM_MASK = (1 << NUM_BITS) - 1;

    private final boolean ranges;
    private final boolean stage1;
    private final int vmid;
    private final int asid;

    RangeInvalidation(boolean ranges, boolean stage1, int vmid, int asid) {
        this.ranges = ranges;
        this.stage1 = stage1;
        this.vmid = vmid;
        this.asid = asid;
    }

    /**
     * Appends the commands for a range.
     *
     * @param iova         first address, a multiple of {@code stepBytes}
     * @param sizeBytes    size, a multiple of {@code stepBytes}
     * @param stepBytes    size of the leaves
     * @param granuleBytes page size of the table
     * @param leaf         only last levels changed
     */
    void append(Batch batch, long iova, long sizeBytes, long stepBytes, long granuleBytes, boolean leaf) {
        if (!ranges) {
            for (long done = 0; done < sizeBytes; done += stepBytes) {
                Commands.invalidateAddress(batch, stage1, vmid, asid, iova + done, leaf, 0, 0, 0, 0);
            }
            return;
        }
        int granuleShift = Long.numberOfTrailingZeros(granuleBytes);
        int tg = (granuleShift - 10) / 2;
        int ttl = leaf ? 4 - (Long.numberOfTrailingZeros(stepBytes) - 3) / (granuleShift - 3) : 0;
        long pages = sizeBytes >>> granuleShift;
        if (!leaf && (pages & NUM_MASK) == 1) {
            // TTL 0 with one page in the last piece is reserved.
            pages++;
        }
        long address = iova;
        while (pages > 0) {
            int scale = Long.numberOfTrailingZeros(pages);
            int num = (int) (pages >>> scale) & NUM_MASK;
            Commands.invalidateAddress(batch, stage1, vmid, asid, address, leaf, ttl, tg, num - 1, scale);
            long covered = (long) num << scale;
            address += covered << granuleShift;
            pages -= covered;
        }
    }
}
