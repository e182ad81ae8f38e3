package org.latebind.pagetable;

/** Conditions the kernel prints a warning for: a caller's mistake that is answered with an error and otherwise survived. */
public enum Warning {
    /** The page size is not offered, or a number of pages is zero. */ BAD_SIZE,
    /** An address lies outside the input or output range. */ OUT_OF_RANGE,
    /** An address is not a multiple of the page size. */ UNALIGNED,
    /** Something is mapped there already. */ ALREADY_MAPPED,
    /** Nothing is mapped there. */ NOT_MAPPED,
    /** A part of a block was to be unmapped and blocks are not split. */ PARTIAL_UNMAP,
    /** The configuration would need more concatenated tables than the architecture allows. */ TOO_MANY_ROOT_TABLES;

    /** Receives warnings. Called in the middle of an operation; must not call back into the table. */
    @FunctionalInterface
    public interface Sink {

        /** Ignores warnings. */
        Sink NONE = (warning, iova, sizeBytes) -> { };

        /**
         * Notes one warning.
         *
         * @param warning   what is wrong; not null
         * @param iova      input address of the call
         * @param sizeBytes page size of the call, 0 at allocation
         */
        void warn(Warning warning, long iova, long sizeBytes);
    }
}
