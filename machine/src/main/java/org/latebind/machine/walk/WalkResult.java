package org.latebind.machine.walk;

/**
 * What a walk found.
 *
 * @param fault             {@link Fault#NONE} or what went wrong; not null
 * @param stage             stage of the last descriptor read or of the fault, 1 or 2
 * @param level             level of the leaf or of the fault
 * @param descriptorAddress physical address of the last descriptor (of the leaf, or the one that faulted); 0 when none was read
 * @param descriptor        its value
 * @param address           output address of the input address; 0 on a fault
 * @param pageBytes         size of the leaf; 0 on a fault
 * @param writable          the leaf lets this kind of requester write
 * @param attributes        memory attributes
 */
public record WalkResult(Fault fault, int stage, int level, long descriptorAddress, long descriptor, long address,
        long pageBytes, boolean writable, Attributes attributes) {

    /** Kinds of faults, in the order in which the architecture checks them at one level. */
    public enum Fault {
        /** Translated. */ NONE,
        /** A descriptor could not be read. */ EXTERNAL_ABORT,
        /** No valid descriptor, or an input address no table covers. */ TRANSLATION,
        /** An address in a descriptor is wider than the output size. */ ADDRESS_SIZE,
        /** The access flag is clear. */ ACCESS_FLAG,
        /** The rights do not suffice. */ PERMISSION
    }

    /**
     * Memory attributes of a leaf.
     *
     * @param index        stage 1: AttrIndx into MAIR (short descriptors: TEX[0] C B); stage 2: MemAttr
     * @param shareability SH field: 0 none, 2 outer, 3 inner
     * @param nonSecure    NS, by the leaf or by a table above it
     * @param global       the entry is not tagged with the ASID
     * @param contiguous   contiguous hint
     * @param executeNever instruction fetches fault
     */
    public record Attributes(int index, int shareability, boolean nonSecure, boolean global, boolean contiguous,
            boolean executeNever) {
    }

    /** Tells whether the address was translated. */
    public boolean ok() {
        return fault == Fault.NONE;
    }

    static WalkResult fault(Fault fault, int stage, int level, long descriptorAddress, long descriptor) {
        return new WalkResult(fault, stage, level, descriptorAddress, descriptor, 0, 0, false, null);
    }
}
