package org.latebind.machine.smmu2;

/**
 * What a TLB entry is tagged with.
 *
 * @param stage 1 or 2
 * @param vmid  virtual machine id
 * @param asid  address space id; 0 at stage 2
 */
record TranslationTag(int stage, int vmid, int asid) {
}
