package org.latebind.machine.smmu2;

import static org.latebind.machine.smmu2.Offsets.TYPE_BYPASS;
import static org.latebind.machine.smmu2.Offsets.TYPE_FAULT;

import java.util.Arrays;

/** The stream mapping table: SMRn and S2CRn, and which entries a stream id hits. */
final class StreamMap {

    private static final int VALID = 1 << 31;
    private static final int EXIDVALID = 1 << 10;
    /** No entry matches. */
    static final int NONE = -1;
    /** More than one entry matches. */
    static final int SEVERAL = -2;

    private final Configuration config;
    private final ProtocolChecker checker;
    private final int[] smr;
    private final int[] s2cr;
    private final boolean[] s2crWritten;
    /** sCR0.EXIDENABLE: ids have 16 bits, and an entry is made valid in S2CR. */
    private boolean extended;

    StreamMap(Configuration config, ProtocolChecker checker) {
        this.config = config;
        this.checker = checker;
        smr = new int[config.groups()];
        s2cr = new int[config.groups()];
        s2crWritten = new boolean[config.groups()];
        if (config.variant().isMmu500()) {
            Arrays.fill(s2cr, TYPE_FAULT << 16);
        }
        plantFirmwareStreams();
    }

    private void plantFirmwareStreams() {
        int n = 0;
        for (String stream : config.firmwareStreams().split(",", -1)) {
            if (!stream.isBlank()) {
                String[] idAndMask = stream.trim().split("/", -1);
                smr[n] = VALID | (idAndMask.length > 1 ? Integer.decode(idAndMask[1]) << 16 : 0) | Integer.decode(idAndMask[0]);
                s2cr[n] = TYPE_BYPASS << 16;
                s2crWritten[n++] = true;
            }
        }
    }

    void extended(boolean on) {
        extended = on && config.extendedIds();
    }

    private boolean valid(int n) {
        return extended ? (s2cr[n] & EXIDVALID) != 0 : smr[n] < 0;
    }

    private int idBits() {
        return extended ? 0xffff : 0x7fff;
    }

    int smr(int n) {
        return smr[n];
    }

    int s2cr(int n) {
        return s2cr[n];
    }

    int type(int n) {
        return s2cr[n] >> 16 & 3;
    }

    void writeSmr(int n, int value) {
        if (!config.has(Configuration.ID0_SMS)) {
            checker.complain("smmu2-register-absent", "SMR%d written, the hardware has no stream matching", n);
            return;
        }
        int idMask = config.streamIdMask();
        smr[n] = config.extendedIds() ? value : value & (VALID | idMask << 16 & 0x7fff0000 | idMask & 0x7fff);
        if (valid(n)) {
            checkValid(n);
        }
    }

    private void checkValid(int n) {
        if (!s2crWritten[n]) {
            checker.complain("smmu2-smr-before-s2cr", "SMR%d made valid, S2CR%d was never written", n, n);
        }
        for (int other = 0; other < smr.length; other++) {
            if (other != n && valid(other) && overlap(smr[other], smr[n])) {
                checker.complain("smmu2-smr-conflict", "SMR%d = 0x%08x and SMR%d = 0x%08x match the same streams",
                        n, smr[n], other, smr[other]);
            }
        }
    }

    private boolean overlap(int a, int b) {
        int ignored = (a | b) >>> 16;
        return ((a ^ b) & idBits() & ~ignored) == 0;
    }

    void writeS2cr(int n, int value) {
        int kept = value;
        if (config.bypassQuirk() && (value >> 16 & 3) == TYPE_BYPASS) {
            kept = value & ~(3 << 16) | TYPE_FAULT << 16;
        }
        boolean before = valid(n);
        s2cr[n] = kept;
        s2crWritten[n] = true;
        if (extended && !before && valid(n)) {
            checkValid(n);
        }
    }

    /** Entry that a stream hits, {@link #NONE} or {@link #SEVERAL}. */
    int match(int streamId) {
        if (!config.has(Configuration.ID0_SMS)) {
            return streamId >= 0 && streamId < s2cr.length ? streamId : NONE;
        }
        int found = NONE;
        for (int n = 0; n < smr.length; n++) {
            int mask = smr[n] >>> 16;
            if (valid(n) && ((streamId ^ smr[n]) & idBits() & ~mask) == 0) {
                if (found != NONE) {
                    return SEVERAL;
                }
                found = n;
            }
        }
        return found;
    }

    /** First entry that sends streams to a context bank, or {@link #NONE}. */
    int userOf(int bank) {
        for (int n = 0; n < s2cr.length; n++) {
            boolean live = !config.has(Configuration.ID0_SMS) ? s2crWritten[n] : valid(n);
            if (live && type(n) == 0 && (s2cr[n] & 0xff) == bank) {
                return n;
            }
        }
        return NONE;
    }
}
