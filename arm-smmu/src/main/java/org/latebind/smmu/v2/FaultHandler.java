package org.latebind.smmu.v2;

/** Told of a context fault by whoever owns the domain. */
@FunctionalInterface
interface FaultHandler {

    /** Nobody cares: the driver writes a message, the transaction is terminated. */
    FaultHandler NONE = (iova, write) -> Answer.UNHANDLED;

    /** What becomes of the faulting transaction. */
    enum Answer {
        /** Known, terminate without a message. */ HANDLED,
        /** The cause was removed; a held transaction is tried again. */ RETRY,
        /** Unknown. */ UNHANDLED
    }

    /** Judges a fault at {@code iova}. */
    Answer fault(long iova, boolean write);
}
