package org.latebind.smmu.v3;

/**
 * The driver's parameters as a value.
 *
 * @param disableBypass     unattached streams abort
 * @param disableMsiPolling never await CMD_SYNC by its message
 * @param syncByInterrupt   await CMD_SYNC by the cmdq-sync line
 * @param forceStage        0 automatic, 1, 2, or 3 for nested
 * @param granuleKib        page size of tables in KiB, 0 automatic
 * @param inputBits         size of the input address space, 32 to 48
 * @param eventBits         log2 of the largest event queue, 7 to 19
 */
record Settings(boolean disableBypass, boolean disableMsiPolling, boolean syncByInterrupt, int forceStage, int granuleKib,
        int inputBits, int eventBits) {

    static final int AUTOMATIC = 0;
    static final int STAGE_2 = 2;
    static final int NESTED = 3;
    static final Settings DEFAULT = new Settings(true, false, false, AUTOMATIC, AUTOMATIC, 48, 15);

    private static final long KIB = 1024;

    /** Checks the arguments. */
    Settings {
        if (forceStage < AUTOMATIC || forceStage > NESTED) {
            throw new IllegalArgumentException("force_stage must be 0 to 3, got " + forceStage);
        }
        if (granuleKib != AUTOMATIC && granuleKib != 4 && granuleKib != 16 && granuleKib != 64) {
            throw new IllegalArgumentException("granule must be 0, 4, 16 or 64, got " + granuleKib);
        }
        if (inputBits < 32 || inputBits > 48) {
            throw new IllegalArgumentException("va_bits must be 32 to 48, got " + inputBits);
        }
        if (eventBits < 7 || eventBits > 19) {
            throw new IllegalArgumentException("event_queue_bits must be 7 to 19, got " + eventBits);
        }
    }

    Settings withDisableBypass(boolean value) {
        return new Settings(value, disableMsiPolling, syncByInterrupt, forceStage, granuleKib, inputBits, eventBits);
    }

    Settings withDisableMsiPolling(boolean value) {
        return new Settings(disableBypass, value, syncByInterrupt, forceStage, granuleKib, inputBits, eventBits);
    }

    Settings withSyncByInterrupt(boolean value) {
        return new Settings(disableBypass, disableMsiPolling, value, forceStage, granuleKib, inputBits, eventBits);
    }

    Settings withStage(int stage) {
        return new Settings(disableBypass, disableMsiPolling, syncByInterrupt, stage, granuleKib, inputBits, eventBits);
    }

    Settings withTables(int kib, int bits) {
        return new Settings(disableBypass, disableMsiPolling, syncByInterrupt, forceStage, kib, bits, eventBits);
    }

    Settings withEventBits(int bits) {
        return new Settings(disableBypass, disableMsiPolling, syncByInterrupt, forceStage, granuleKib, inputBits, bits);
    }

    /** The offered sizes that belong to the wanted granule. */
    long pageSizes(long offered) {
        long granule = granuleKib * KIB;
        return switch (granuleKib) {
            case 4 -> offered & (granule | 1L << 21 | 1L << 30);
            case 16 -> offered & (granule | 1L << 25);
            case 64 -> offered & (granule | 1L << 29);
            default -> offered;
        };
    }

    static Settings of(Parameters p) {
        return new Settings(p.disable__bypass(), p.disable__msipolling(), p.sync__irq(), p.force__stage(), p.granule(),
                p.va__bits(), p.event__queue__bits());
    }
}
