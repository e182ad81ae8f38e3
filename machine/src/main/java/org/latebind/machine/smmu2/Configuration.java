package org.latebind.machine.smmu2;

import org.latebind.driver.DeviceProperties;
import org.latebind.machine.ModelFactory;

/**
 * What one instance is made of. Everything a tree tells is taken from the tree (window size, interrupts, coherence);
 * the rest has the values of real parts (reference registers of MMU-500, section 6.1 of the sheet) and can be set by an
 * option of the machine.
 *
 * @param variant          implementation
 * @param generation       architecture version
 * @param pageShift        12 or 16
 * @param pageIndexBits    NUMPAGENDXB
 * @param banks            NUMCB
 * @param stage2Banks      NUMS2CB, banks that serve stage 2 only
 * @param groups           stream-mapping groups
 * @param id0              ID0 as read
 * @param id2              ID2 as read
 * @param id7              ID7 as read
 * @param streamIdBits     implemented bits of a stream id
 * @param globalInterrupts number of global interrupts
 * @param interrupts       number of all interrupts
 * @param syncNanos        time a TLB synchronisation takes
 * @param syncStuck        a synchronisation never ends
 * @param bypassQuirk      a stream entry written as bypass reads back as fault (firmware of some Qualcomm boards)
 * @param firmwareStreams  streams a boot loader left running, {@code id/mask} separated by commas; may be empty
 */
record Configuration(Variant variant, Generation generation, int pageShift, int pageIndexBits, int banks, int stage2Banks,
        int groups, int id0, int id2, int id7, int streamIdBits, int globalInterrupts, int interrupts, long syncNanos,
        boolean syncStuck, boolean bypassQuirk, String firmwareStreams) {

    static final int ID0_S1TS = 1 << 30;
    static final int ID0_S2TS = 1 << 29;
    static final int ID0_NTS = 1 << 28;
    static final int ID0_SMS = 1 << 27;
    static final int ID0_ATOSNS = 1 << 26;
    static final int ID0_CTTW = 1 << 14;
    static final int ID0_BTM = 1 << 13;

    static Configuration of(ModelFactory.Surroundings env) {
        DeviceProperties node = env.node();
        Variant variant = Variant.of(node.strings("compatible"));
        long size = Options.number(env, "smmu2.window-size", windowSize(node));
        int pageShift = (int) Options.number(env, "smmu2.page-shift", size >= 0x400000 ? 16 : 12);
        int pages = (int) Math.max(2, size >> pageShift >> 1);
        int indexBits = Math.max(0, 31 - Integer.numberOfLeadingZeros(pages) - 1);
        int global = node.cells("#global-interrupts").length == 1 ? node.cells("#global-interrupts")[0] : 1;
        int context = Math.max(1, env.interruptCount() - global);
        int limit = Math.min(128, pages);
        int banks = (int) Options.number(env, "smmu2.context-banks",
                variant.generation() == Generation.V2 ? Math.min(limit, context) : Math.min(limit, 8));
        int groups = (int) Options.number(env, "smmu2.groups", pages >= 64 ? 128 : 64);
        int idBits = (int) Options.number(env, "smmu2.stream-id-bits", 15);
        boolean matching = Options.flag(env, "smmu2.stream-matching", true);
        if (!matching) {
            idBits = Math.min(idBits, 7);
            groups = 1 << idBits;
        }
        return new Configuration(variant, variant.generation(), pageShift, Math.min(7, indexBits), banks,
                (int) Options.number(env, "smmu2.stage2-banks", variant == Variant.MMU400 ? banks : 0), groups,
                (int) Options.number(env, "smmu2.id0", id0(variant, matching, idBits, groups, node.has("dma-coherent"))),
                (int) Options.number(env, "smmu2.id2", id2(variant)), (int) Options.number(env, "smmu2.id7", 0x21), idBits,
                global, env.interruptCount(), Options.number(env, "smmu2.sync-nanos", 0),
                Options.flag(env, "smmu2.sync-stuck", false), Options.flag(env, "smmu2.bypass-quirk", false),
                Options.text(env, "smmu2.firmware-streams", ""));
    }

    /** Size of the first register window, by the shapes that {@code reg} has on boards. */
    private static long windowSize(DeviceProperties node) {
        int[] reg = node.cells("reg");
        // <addr size>, <addr-hi addr-lo size> or <addr-hi addr-lo size-hi size-lo>, once for each instance
        return switch (reg.length) {
            case 2 -> Integer.toUnsignedLong(reg[1]);
            case 3 -> Integer.toUnsignedLong(reg[2]);
            case 4, 8 -> Integer.toUnsignedLong(reg[3]);
            default -> 0x10000;
        };
    }

    private static int id0(Variant v, boolean matching, int idBits, int groups, boolean coherent) {
        int stages = v == Variant.MMU400 ? ID0_S2TS : ID0_S1TS | ID0_S2TS | ID0_NTS;
        int smrs = matching ? ID0_SMS | Math.min(groups, 128) : 0;
        return stages | smrs | ID0_ATOSNS | 1 << 16 | (coherent ? ID0_CTTW : 0) | (v == Variant.MMU400 ? 0 : ID0_BTM)
                | idBits << 9;
    }

    private static int id2(Variant v) {
        return switch (v.generation()) {
            case V1, V1_64K -> 0x22;
            case V2 -> v == Variant.QCOM_V2 || v == Variant.CAVIUM || v == Variant.GENERIC_V2 ? 0x7555 : 0x5555;
        };
    }

    int id1() {
        return (pageShift == 16 ? 1 << 31 : 0) | pageIndexBits << 28 | stage2Banks << 16 | banks;
    }

    int pages() {
        return 2 << pageIndexBits;
    }

    long windowBytes() {
        return (long) pages() * 2 << pageShift;
    }

    boolean has(int id0Bit) {
        return (id0 & id0Bit) != 0;
    }

    /** ID0.EXIDS: 16-bit stream ids can be switched on. */
    boolean extendedIds() {
        return generation == Generation.V2 && (id0 & 1 << 8) != 0;
    }

    int streamIdMask() {
        return (1 << streamIdBits) - 1;
    }

    /** Output address bits (ID2.OAS). */
    int outputBits() {
        return bits(id2 >> 4 & 15);
    }

    /** Input address bits of stage 1 (UBS on version 2, else IAS). */
    int inputBits() {
        return bits(generation == Generation.V2 ? id2 >> 8 & 15 : id2 & 15);
    }

    /** Input address bits of stage 2 (IAS). */
    int intermediateBits() {
        return bits(id2 & 15);
    }

    static int bits(int code) {
        return switch (code) {
            case 0 -> 32;
            case 1 -> 36;
            case 2 -> 40;
            case 3 -> 42;
            case 4 -> 44;
            default -> 48;
        };
    }
}
