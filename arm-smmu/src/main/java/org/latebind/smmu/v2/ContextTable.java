package org.latebind.smmu.v2;

import org.latebind.pagetable.Gather;

/** The page table of a context, whatever made it. */
interface ContextTable extends AutoCloseable {

    /** What the context bank must hold to use it. */
    ContextRegisters.TableValues values();

    /** Page sizes offered. */
    long pageSizes();

    /** Input address bits. */
    int inputBits();

    long map(long iova, long physicalAddress, long pageSize, long pageCount, int prot);

    long unmap(long iova, long pageSize, long pageCount, Gather gather);

    long iovaToPhys(long iova);

    @Override
    void close();
}
