package org.latebind.ipmmu.internal;

/**
 * What a sleep takes from an instance, read before it: some registers of each context in use, and the micro-TLBs that are
 * on. Reading it writes nothing (IPMMU sheet, section 4.9).
 */
final class SavedRegisters {

    private final RegisterBlock registers;
    private final int[] names;
    private final int[][] contexts;
    private final int[] controls;
    private final Instance.ContextUser[] users;
    private final int[] utlbs;
    private final int[] asids;

    private SavedRegisters(Instance instance, int[] names) {
        this.registers = instance.registers();
        this.names = names;
        this.contexts = new int[instance.features().contexts][];
        this.controls = new int[contexts.length];
        this.users = new Instance.ContextUser[contexts.length];
        this.utlbs = new int[instance.servesClients() ? instance.features().utlbs : 0];
        this.asids = new int[utlbs.length];
    }

    /**
     * Saves an instance.
     *
     * @param names context registers to save besides IMCTR, in the order in which they are written back
     */
    static SavedRegisters of(Instance instance, int... names) {
        SavedRegisters saved = new SavedRegisters(instance, names);
        for (int c = 0; c < saved.contexts.length; c++) {
            if (instance.isRoot() && instance.user(c) != null) {
                saved.saveContext(c, instance.user(c));
            }
        }
        for (int n = 0; n < saved.utlbs.length; n++) {
            if (instance.utlbContext(n) != Instance.NO_CONTEXT) {
                saved.utlbs[n] = saved.registers.readUtlb(n);
                saved.asids[n] = saved.registers.readUtlbAsid(n);
            }
        }
        return saved;
    }

    private void saveContext(int context, Instance.ContextUser user) {
        users[context] = user;
        contexts[context] = new int[names.length];
        for (int i = 0; i < names.length; i++) {
            contexts[context][i] = registers.readContext(context, names[i]);
        }
        controls[context] = registers.readContext(context, RegisterBlock.IMCTR);
    }

    /** Tells whether a context was in use, by the same user as now. */
    boolean hasContext(int context, Instance.ContextUser user) {
        return contexts[context] != null && users[context] == user;
    }

    /** Tells whether a micro-TLB was on. */
    boolean hasUtlb(int n) {
        return (utlbs[n] & RegisterBlock.IMUCTR_MMUEN) != 0;
    }

    /** Writes a context's registers back, all but IMCTR: the context does not run yet. */
    void writeContext(int context) {
        for (int i = 0; i < names.length; i++) {
            registers.writeContext(context, names[i], contexts[context][i]);
        }
    }

    /** IMCTR of a context, as it was. */
    int control(int context) {
        return controls[context];
    }

    /** Writes a micro-TLB back. */
    void writeUtlb(int n) {
        registers.writeUtlbAsid(n, asids[n]);
        registers.writeUtlb(n, utlbs[n]);
    }
}
