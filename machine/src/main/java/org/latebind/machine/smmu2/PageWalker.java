package org.latebind.machine.smmu2;

/** Reads translation tables as the hardware does. */
interface PageWalker {

    /**
     * Walks the tables of one stage. Nothing is remembered and nothing is written.
     *
     * @param regime  where the tables are and how they look; not null
     * @param address input address
     * @param cached  table of the last level to start from (a walk-cache hit), or null to start at the top
     * @param fetch   translates the address of a descriptor (a nested stage 1 walks through stage 2); not null
     */
    Walk walk(Regime regime, long address, Tlb.CachedTable cached, Fetch fetch);

    /** Physical address of a descriptor, or -1 when it cannot be fetched. */
    @FunctionalInterface
    interface Fetch {

        /** Physically addressed tables. */
        Fetch DIRECT = a -> a;

        /** Returns the physical address of the descriptor at {@code address}, or -1. */
        long physical(long address);
    }
}
