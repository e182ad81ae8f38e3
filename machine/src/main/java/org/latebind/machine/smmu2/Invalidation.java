package org.latebind.machine.smmu2;

/**
 * One TLB maintenance operation.
 *
 * @param scope    what it names
 * @param vmid     virtual machine id; unused for {@link Scope#ALL}
 * @param asid     address space id; used by {@link Scope#ASID} and {@link Scope#ADDRESS}
 * @param address  input address; used by the address scopes
 * @param lastOnly only entries of the last level, walk caches stay
 */
record Invalidation(Scope scope, int vmid, int asid, long address, boolean lastOnly) {

    enum Scope { ALL, VMID, ASID, ADDRESS, INTERMEDIATE_ADDRESS }

    static Invalidation all() {
        return new Invalidation(Scope.ALL, 0, 0, 0, false);
    }

    static Invalidation ofVmid(int vmid) {
        return new Invalidation(Scope.VMID, vmid, 0, 0, false);
    }

    boolean names(TranslationTag tag) {
        return switch (scope) {
            case ALL -> true;
            case VMID -> tag.vmid() == vmid;
            case ASID, ADDRESS -> tag.stage() == 1 && tag.vmid() == vmid && tag.asid() == asid;
            case INTERMEDIATE_ADDRESS -> tag.stage() == 2 && tag.vmid() == vmid;
        };
    }

    boolean byAddress() {
        return scope == Scope.ADDRESS || scope == Scope.INTERMEDIATE_ADDRESS;
    }

    boolean names(TranslationTag tag, long input, long sizeBytes) {
        return names(tag) && (!byAddress() || Long.compareUnsigned(address - input, sizeBytes) < 0);
    }
}
