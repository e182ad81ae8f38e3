package org.latebind.machine.smmu3;

/** Finds the configuration of a stream: cache first, then memory (Arm IHI 0070, section 3.3). */
final class Configuration {

    private static final int DSS_TERMINATE = 0;
    private static final int DSS_BYPASS = 1;
    private static final int DSS_CONTEXT_0 = 2;
    private static final int LEAVES_4K_BITS = 6;
    private static final int LEAVES_64K_BITS = 10;
    private static final int LEAVES_4K = 1;

    private final Registers registers;
    private final Hardware hardware;
    private final Caches caches;
    private final StreamTable table;
    private final Stage2 stage2;

    Configuration(Registers registers, Hardware hardware, Caches caches, Stage2 stage2) {
        this.registers = registers;
        this.hardware = hardware;
        this.caches = caches;
        this.table = new StreamTable(hardware);
        this.stage2 = stage2;
    }

    /**
     * What is configured for one transaction.
     *
     * @param ste   the stream table entry; null with a fault
     * @param cd    the context descriptor; null when stage 1 is not used
     * @param fault null unless the transaction ends here
     */
    record Found(StreamTableEntry ste, ContextDescriptor cd, Fault fault) {
    }

    /** Finds the configuration of a stream, or of one of its substreams when {@code substream} is not negative. */
    Found find(int sid, int substream, long input, boolean write) {
        StreamTableEntry ste = caches.configuration().stream(sid);
        boolean cached = ste != null;
        if (cached) {
            checkStream(sid, ste);
        } else {
            StreamTable.Lookup lookup = lookup(sid);
            if (lookup.fault() != null) {
                return new Found(null, null, lookup.fault());
            }
            ste = new StreamTableEntry(lookup.words());
            if (ste.illegal(hardware.features())) {
                hardware.complain("smmu3-illegal-configuration", "stream " + Hardware.hex(sid) + " has the illegal entry "
                        + Hardware.hex(lookup.words()));
                return new Found(null, null, Fault.configuration(Fault.C_BAD_STE));
            }
        }
        Found found = ste.stage1() ? withContext(sid, substream, ste, input, write)
                : substream >= 0 && !ste.aborts() ? badSubstream() : new Found(ste, null, null);
        if (found.fault() == null && !cached) {
            caches.configuration().keep(sid, ste);
        }
        return found;
    }

    private StreamTable.Lookup lookup(int sid) {
        return table.find(sid, registers.longWord(Registers.STRTAB_BASE), registers.word(Registers.STRTAB_BASE_CFG));
    }

    private void checkStream(int sid, StreamTableEntry cached) {
        StreamTable.Lookup now = lookup(sid);
        if (now.fault() != null || !cached.sameAs(now.words())) {
            hardware.complain("smmu3-stale-configuration", "stream " + Hardware.hex(sid) + " runs on the cached entry "
                    + Hardware.hex(cached.words()) + ", memory has "
                    + (now.fault() != null ? now.fault().label() : Hardware.hex(now.words())));
        }
    }

    private static Found badSubstream() {
        return new Found(null, null, Fault.configuration(Fault.C_BAD_SUBSTREAMID));
    }

    private Found withContext(int sid, int substream, StreamTableEntry ste, long input, boolean write) {
        boolean several = ste.contextBits() > 0;
        if (substream >= 0 && (!several || substream >>> ste.contextBits() != 0
                || substream == 0 && ste.defaultSubstream() == DSS_CONTEXT_0)) {
            return badSubstream();
        }
        if (substream < 0 && several && ste.defaultSubstream() == DSS_TERMINATE) {
            return new Found(null, null, Fault.configuration(Fault.F_STREAM_DISABLED));
        }
        if (substream < 0 && several && ste.defaultSubstream() == DSS_BYPASS) {
            return new Found(ste, null, null);
        }
        int index = Math.max(0, substream);
        ContextDescriptor cached = caches.configuration().context(sid, index);
        long[] words = new long[8];
        Fault fault = fetch(ste, index, words, input, write);
        if (cached != null) {
            if (fault != null || !cached.sameAs(words)) {
                hardware.complain("smmu3-stale-configuration", "stream " + Hardware.hex(sid)
                        + " runs on a cached context descriptor, memory has "
                        + (fault != null ? fault.label() : Hardware.hex(words)));
            }
            return new Found(ste, cached, null);
        }
        if (fault != null) {
            return new Found(null, null, fault);
        }
        ContextDescriptor cd = new ContextDescriptor(words);
        if (cd.illegal(hardware.features(), ste.stallDisabled())) {
            hardware.complain("smmu3-illegal-configuration", "stream " + Hardware.hex(sid)
                    + " has the illegal context descriptor " + Hardware.hex(words));
            return new Found(null, null, Fault.configuration(Fault.C_BAD_CD));
        }
        caches.configuration().keep(sid, index, cd);
        return new Found(ste, cd, null);
    }

    /** Reads one context descriptor, through the level-1 table if there is one. Null when it was read. */
    private Fault fetch(StreamTableEntry ste, int index, long[] words, long input, boolean write) {
        long address = ste.contextPointer();
        int within = index;
        if (ste.contextBits() > 0 && ste.contextFormat() != 0) {
            long[] level1 = new long[1];
            int leafBits = ste.contextFormat() == LEAVES_4K ? LEAVES_4K_BITS : LEAVES_64K_BITS;
            within = index & (1 << leafBits) - 1;
            Fault fault = read(ste, address + 8L * (index >>> leafBits), level1, input, write);
            if (fault != null) {
                return fault;
            }
            if ((level1[0] & 1) == 0) {
                return Fault.configuration(Fault.C_BAD_SUBSTREAMID);
            }
            address = level1[0] & 0x000f_ffff_ffff_f000L;
        }
        return read(ste, address + 64L * within, words, input, write);
    }

    private Fault read(StreamTableEntry ste, long address, long[] words, long input, boolean write) {
        long physical = address;
        if (ste.stage2()) {
            WalkResult through = stage2.translate(ste, address, false);
            if (through instanceof WalkResult.Stop stop) {
                return stop.fault().forInput(input, write, Fault.CLASS_CD, ste.s2Records());
            }
            physical = ((WalkResult.Leaf) through).output();
        }
        return hardware.read(physical, words) ? null : Fault.fetch(Fault.F_CD_FETCH, physical);
    }
}
