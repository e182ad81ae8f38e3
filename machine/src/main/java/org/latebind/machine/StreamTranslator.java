package org.latebind.machine;

import org.latebind.hardware.DmaResult;

/** An IOMMU model as bus masters see it. */
public interface StreamTranslator {

    /**
     * Judges one access that does not cross a 4 KiB boundary.
     *
     * @param streamId   stream id (Arm) or micro-TLB number (Renesas)
     * @param busAddress address the master put on the bus, unsigned
     * @param write      true for a write
     * @return the verdict; a fault is recorded by the model itself
     */
    Verdict translate(int streamId, long busAddress, boolean write);

    /**
     * Judges one access that names a substream (PASID). Hardware without substreams has no way to carry one: the access is
     * refused.
     *
     * @param substreamId substream id, not negative
     */
    default Verdict translate(int streamId, int substreamId, long busAddress, boolean write) {
        return new Verdict(DmaResult.Kind.BLOCKED, busAddress, "no substreams here");
    }

    /**
     * Asked after a fault, when the interrupt handlers have run: tells whether the model held the access and software let
     * it be tried again. A true answer is given once.
     */
    default boolean retries(int streamId, long busAddress) {
        return false;
    }
}
