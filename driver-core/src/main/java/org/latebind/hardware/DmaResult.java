package org.latebind.hardware;

/**
 * Outcome of one DMA transfer.
 *
 * @param kind             how it ended; not null
 * @param transferredBytes bytes moved before the end, 0 or more
 * @param faultAddress     bus address of the first byte that was not moved; meaningless for {@link Kind#TRANSLATED}
 *                         and {@link Kind#UNTRANSLATED}
 * @param detail           a few words for people, for example {@code "translation fault, context 1"}; not null
 */
public record DmaResult(Kind kind, int transferredBytes, long faultAddress, String detail) {

    /** How a transfer ended. */
    public enum Kind {
        /** Every byte moved, every address translated. */
        TRANSLATED,
        /** Every byte moved, the bus address was used as physical address. */
        UNTRANSLATED,
        /** Refused by an IOMMU, which recorded or reported a fault. */
        FAULT,
        /** Refused by an IOMMU silently (abort configuration). */
        BLOCKED,
        /** Translated or not, the final address is no memory. */
        EXTERNAL_ABORT
    }

    /** Tells whether every byte moved. */
    public boolean ok() {
        return kind == Kind.TRANSLATED || kind == Kind.UNTRANSLATED;
    }
}
