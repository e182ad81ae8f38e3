package org.latebind.machine.smmu3;

/** The caches of one SMMU. They survive SMMUEN=0 and know nothing of what software writes to memory. */
final class Caches {

    private final ConfigurationCache configuration;
    private final Tlb tlb = new Tlb();
    private final Tlb stage2 = new Tlb();
    private boolean configurationClean;
    private boolean translationsClean;

    Caches(boolean jointConfiguration) {
        configuration = new ConfigurationCache(jointConfiguration);
    }

    /** Stream table entries and context descriptors. */
    ConfigurationCache configuration() {
        return configuration;
    }

    /** Virtual addresses to physical ones, both stages combined. */
    Tlb tlb() {
        return tlb;
    }

    /** Intermediate addresses to physical ones. */
    Tlb stage2() {
        return stage2;
    }

    void dropStreams(int sid, int range) {
        configuration.dropRange(sid, range);
        configurationClean |= range == 31;
    }

    void dropMachine(int vmid) {
        tlb.drop(e -> !e.el2() && e.vmid() == vmid);
        stage2.drop(e -> e.vmid() == vmid);
    }

    void dropNonSecure() {
        tlb.drop(e -> !e.el2());
        stage2.drop(e -> true);
        translationsClean = true;
    }

    /** Power was lost: nothing is kept, and software may not rely on that. */
    void reset() {
        configuration.dropRange(0, 31);
        tlb.drop(e -> true);
        stage2.drop(e -> true);
        configurationClean = false;
        translationsClean = false;
    }

    /** The stream table moved: what is cached belongs to another one. */
    void streamTableMoved() {
        configurationClean = false;
    }

    /** Whether software ever said that configurations are to be fetched anew since the table moved. */
    boolean configurationClean() {
        return configurationClean;
    }

    /** Whether software ever dropped the translations that a reset leaves undefined. */
    boolean translationsClean() {
        return translationsClean;
    }
}
