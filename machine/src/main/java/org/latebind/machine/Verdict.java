package org.latebind.machine;

import org.latebind.hardware.DmaResult;

/**
 * What an IOMMU model says of one access.
 *
 * @param kind            {@code TRANSLATED}, {@code UNTRANSLATED}, {@code FAULT} or {@code BLOCKED}; not null
 * @param physicalAddress where the access goes; meaningless unless {@code kind} lets it pass
 * @param detail          a few words for people; not null
 */
public record Verdict(DmaResult.Kind kind, long physicalAddress, String detail) {

    /** Passes with the address unchanged. */
    public static Verdict untranslated(long address, String why) {
        return new Verdict(DmaResult.Kind.UNTRANSLATED, address, why);
    }

    /** Passes translated. */
    public static Verdict translated(long physicalAddress) {
        return new Verdict(DmaResult.Kind.TRANSLATED, physicalAddress, "");
    }
}
