package org.latebind.iommu;

import java.util.Objects;
import org.latebind.pagetable.Registers;

/**
 * A stage 1 whose owner is a guest. Every address in it is an intermediate one: the hardware reaches the guest's tables through
 * the stage 2 below.
 */
public sealed interface GuestStage1 {

    /**
     * SMMUv3: the guest keeps its context descriptor in its own memory (Linux: the S1ContextPtr of the guest's stream table entry).
     *
     * @param address intermediate address of one descriptor, a multiple of 64
     */
    record ContextDescriptor(long address) implements GuestStage1 {

        /** Checks the alignment. */
        public ContextDescriptor {
            if ((address & 63) != 0 || address < 0) {
                throw new IllegalArgumentException("a context descriptor is aligned to 64 bytes: 0x" + Long.toHexString(address));
            }
        }
    }

    /**
     * SMMUv1 and SMMUv2: what the guest wrote into the context bank it believes to own.
     *
     * @param table registers of its table, VMSAv8-64; not null
     * @param asid  address space id, 0 to 255
     */
    record ContextBank(Registers.Stage1 table, int asid) implements GuestStage1 {

        /** Checks the arguments. */
        public ContextBank {
            Objects.requireNonNull(table, "table");
            if (asid < 0 || asid > 255) {
                throw new IllegalArgumentException("an ASID is 0 to 255, not " + asid);
            }
        }
    }
}
