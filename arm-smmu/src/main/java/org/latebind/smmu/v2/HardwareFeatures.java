package org.latebind.smmu.v2;

import java.util.EnumSet;
import java.util.Set;

/**
 * What the identification registers say, after the module parameter {@code force_stage} (reference: probe, step 5).
 *
 * @param version       architecture version
 * @param stage1        stage 1 is offered
 * @param stage2        stage 2 is offered
 * @param nested        both at once
 * @param addressOps    hardware answers address translation operations (ATS1PR)
 * @param coherentWalk  ID0.CTTW
 * @param streamIdBits  width of a stream id
 * @param extendedIds   16-bit stream ids (EXIDS)
 * @param streamMatching SMRs are there; else stream indexing
 * @param groups        stream-mapping groups
 * @param pageShift     12 or 16
 * @param pages         NUMPAGE: pages of the global space, and the page number of context bank 0
 * @param banks         NUMCB
 * @param stage2Banks   NUMS2CB
 * @param vaBits        input bits of stage 1
 * @param ipaBits       input bits of stage 2, output bits of stage 1
 * @param paBits        output bits
 * @param vmid16        16-bit VMIDs
 * @param formats       descriptor formats and granules
 */
record HardwareFeatures(Version version, boolean stage1, boolean stage2, boolean nested, boolean addressOps,
        boolean coherentWalk, int streamIdBits, boolean extendedIds, boolean streamMatching, int groups, int pageShift,
        int pages, int banks, int stage2Banks, int vaBits, int ipaBits, int paBits, boolean vmid16, Set<Format> formats) {

    /** Descriptor formats, AArch64 once for each granule. */
    enum Format {
        /** Short descriptors. */ AARCH32_S,
        /** Long descriptors, 32-bit input. */ AARCH32_L,
        /** 64-bit format, 4 KiB. */ AARCH64_4K,
        /** 64-bit format, 16 KiB. */ AARCH64_16K,
        /** 64-bit format, 64 KiB. */ AARCH64_64K;

        static final Set<Format> AARCH64 = EnumSet.of(AARCH64_4K, AARCH64_16K, AARCH64_64K);
    }

    private static final int BANKS_MAX = 128;

    /** Why an instance with these registers cannot be driven, or null. */
    static String refusal(int id0, int id1, int forceStage) {
        boolean s1 = bit(id0, 30) && forceStage != 2;
        boolean s2 = bit(id0, 29) && forceStage != 1;
        if (!s1 && !s2) {
            return "no translation support" + (forceStage != 0 ? " (force_stage=" + forceStage + ")" : "");
        }
        if (bit(id0, 27) && (id0 & 0xff) == 0) {
            return "stream-matching supported, but no SMRs present";
        }
        int banks = id1 & 0xff;
        int stage2Banks = id1 >> 16 & 0xff;
        if (stage2Banks > banks) {
            return "impossible number of S2 context banks: " + stage2Banks + " of " + banks;
        }
        return banks == 0 || banks > BANKS_MAX ? "impossible number of context banks: " + banks : null;
    }

    /** Decodes the registers; {@link #refusal} said nothing. */
    static HardwareFeatures decode(Version version, int id0, int id1, int id2, int forceStage) {
        boolean s1 = bit(id0, 30) && forceStage != 2;
        boolean s2 = bit(id0, 29) && forceStage != 1;
        boolean nts = bit(id0, 28) && forceStage == 0;
        boolean before2 = version.isBefore(Version.V2);
        boolean extended = !before2 && bit(id0, 8);
        int idBits = extended ? 16 : id0 >> 9 & 15;
        boolean matching = bit(id0, 27);
        EnumSet<Format> formats = EnumSet.noneOf(Format.class);
        if (before2 || !bit(id0, 25)) {
            formats.add(Format.AARCH32_L);
            if (before2 || !bit(id0, 24)) {
                formats.add(Format.AARCH32_S);
            }
        }
        if (version == Version.V1_64K || !before2 && bit(id2, 14)) {
            formats.add(Format.AARCH64_64K);
        }
        if (!before2 && bit(id2, 13)) {
            formats.add(Format.AARCH64_16K);
        }
        if (!before2 && bit(id2, 12)) {
            formats.add(Format.AARCH64_4K);
        }
        int ipa = bits(id2 & 15);
        return new HardwareFeatures(version, s1, s2, nts, s1 && (before2 || !bit(id0, 26)), bit(id0, 14), idBits, extended,
                matching, matching ? id0 & 0xff : 1 << idBits, bit(id1, 31) ? 16 : 12, 2 << (id1 >> 28 & 7), id1 & 0xff,
                id1 >> 16 & 0xff, before2 ? ipa : bits(id2 >> 8 & 15), ipa, bits(id2 >> 4 & 15), !before2 && bit(id2, 15),
                formats);
    }

    private static boolean bit(int value, int n) {
        return (value >>> n & 1) != 0;
    }

    /** Address bits of a size code (IAS, OAS, UBS). */
    private static int bits(int code) {
        return switch (code) {
            case 0 -> 32;
            case 1 -> 36;
            case 2 -> 40;
            case 3 -> 42;
            case 4 -> 44;
            default -> 48;
        };
    }

    int streamIdMask() {
        return (1 << streamIdBits) - 1;
    }

    boolean aarch64() {
        return formats.stream().anyMatch(Format.AARCH64::contains);
    }

    /** Page sizes of all formats together, a set of powers of two in bytes. */
    long pageSizes() {
        long sizes = 0;
        if (formats.contains(Format.AARCH32_S)) {
            sizes |= 0x1000L | 0x10000L | 0x100000L | 0x1000000L;
        }
        if (formats.contains(Format.AARCH32_L) || formats.contains(Format.AARCH64_4K)) {
            sizes |= 0x1000L | 0x200000L | 0x40000000L;
        }
        if (formats.contains(Format.AARCH64_16K)) {
            sizes |= 0x4000L | 0x2000000L;
        }
        if (formats.contains(Format.AARCH64_64K)) {
            sizes |= 0x10000L | 0x20000000L;
        }
        return sizes;
    }

    HardwareFeatures withFormats(Set<Format> kept) {
        return new HardwareFeatures(version, stage1, stage2, nested, addressOps, coherentWalk, streamIdBits, extendedIds,
                streamMatching, groups, pageShift, pages, banks, stage2Banks, vaBits, ipaBits, paBits, vmid16, kept);
    }

    HardwareFeatures withGroups(int count) {
        return new HardwareFeatures(version, stage1, stage2, nested, addressOps, coherentWalk, streamIdBits, extendedIds,
                streamMatching, count, pageShift, pages, banks, stage2Banks, vaBits, ipaBits, paBits, vmid16, formats);
    }

    HardwareFeatures withBanks(int count) {
        return new HardwareFeatures(version, stage1, stage2, nested, addressOps, coherentWalk, streamIdBits, extendedIds,
                streamMatching, groups, pageShift, pages, count, stage2Banks, vaBits, ipaBits, paBits, vmid16, formats);
    }
}
