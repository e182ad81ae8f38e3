package org.latebind.machine.ipmmu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.latebind.driver.DeviceProperties;
import org.latebind.machine.ModelFactory;
import org.latebind.machine.RegisterWindow;
import org.latebind.machine.StreamTranslator;

/**
 * One IPMMU instance: root (owns the contexts), leaf (owns micro-TLBs), or both in one (Gen2).
 *
 * <p>An invalidation takes time: FLUSH reads 1 until it is over, and only then the entries are gone. An invalidation of the
 * root ends no earlier than those its leaves began before it.
 */
final class IpmmuModel implements ModelFactory.Model, RegisterWindow {

    static final int UTLB_MMUEN = 1;
    static final int UTLB_FLUSH = 1 << 1;
    static final int IMSCTLR_USE_SECGRP = 1 << 28;
    static final int IMSAUXCTLR_S2PTE = 1 << 3;

    private static final long NANOS_PER_MICRO = 1000;
    private static final int UTLB_DIRTY = 0x11;
    private static final int UTLBS_DIRTY = 4;
    private static final int IMSCTLR_ROOT_TFA = 0xC000_0000;
    private static final int IMSCTLR_LEAF_TFA = 0xE000_0000;
    private static final int IMSAUXCTLR_ROOT_TFA = 0x0100_0000;
    /** Products and cuts whose leaves the boot firmware touches: H3 ES2.0, M3-N ES1.0 and 1.1, E3 ES1.0 and 1.1. */
    private static final List<Integer> LEAVES_TFA = List.of(0x4F10, 0x5500, 0x5501, 0x5700, 0x5701);

    private final IpmmuGeneration generation;
    private final ModelFactory.Surroundings surroundings;
    private final boolean root;
    private final boolean leaf;
    private final ContextBank[] banks;
    private final int[] utlbs;
    private final int[] asids;
    private final Tlb[] utlbTlbs;
    private final Tlb tlb = new Tlb();
    private final List<IpmmuModel> leaves = new ArrayList<>();
    private final ProtocolChecker checker;
    private final IpmmuTranslator translator;
    private final long flushNanos;
    private final boolean flushStuck;
    private IpmmuModel knownRoot;
    private int control;
    private int auxControl;
    private long sequence;

    IpmmuModel(IpmmuGeneration generation, ModelFactory.Surroundings surroundings) {
        this.generation = generation;
        this.surroundings = surroundings;
        this.leaf = generation.singleLevel() || surroundings.node().has("renesas,ipmmu-main");
        this.root = generation.singleLevel() || !leaf;
        this.banks = new ContextBank[generation.contexts()];
        Arrays.setAll(banks, i -> new ContextBank());
        this.utlbs = new int[leaf ? generation.utlbs() : 0];
        this.asids = new int[utlbs.length];
        this.utlbTlbs = new Tlb[utlbs.length];
        Arrays.setAll(utlbTlbs, i -> new Tlb());
        this.flushNanos = Long.parseLong(surroundings.option(IpmmuFactory.FLUSH_MICROS, "2")) * NANOS_PER_MICRO;
        this.flushStuck = Boolean.parseBoolean(surroundings.option(IpmmuFactory.FLUSH_STUCK, "false"));
        this.checker = new ProtocolChecker(this, surroundings);
        this.translator = new IpmmuTranslator(this, surroundings, checker);
        if (root) {
            knownRoot = this;
        }
        if (generation.singleLevel()) {
            leaves.add(this);
        }
        firmware();
    }

    private void firmware() {
        boolean trusted = surroundings.option(IpmmuFactory.FIRMWARE, "").equals("tf-a");
        if (trusted && root) {
            control = IMSCTLR_ROOT_TFA;
            auxControl = IMSAUXCTLR_ROOT_TFA;
        } else if (trusted && LEAVES_TFA.contains(ProductRegisterFactory.valueFor(surroundings))) {
            control = IMSCTLR_LEAF_TFA;
        }
        if (secureGroupSet(surroundings.option(IpmmuFactory.SECGRP, "false"))) {
            control |= IMSCTLR_USE_SECGRP;
        }
        if (Boolean.parseBoolean(surroundings.option(IpmmuFactory.DIRTY, "false"))) {
            Arrays.fill(utlbs, 0, Math.min(UTLBS_DIRTY, utlbs.length), UTLB_DIRTY);
        }
    }

    private boolean secureGroupSet(String option) {
        return option.matches("[0-9]{1,9}") ? new SplittableRandom(Long.parseLong(option) ^ path().hashCode()).nextBoolean()
                : Boolean.parseBoolean(option);
    }

    @Override
    public void reset() {
        for (ContextBank bank : banks) {
            bank.reset();
        }
        Arrays.fill(utlbs, 0);
        Arrays.fill(asids, 0);
        for (Tlb cache : utlbTlbs) {
            cache.dropAll();
        }
        tlb.dropAll();
        control = 0;
        auxControl = 0;
        firmware();
        updateInterrupt();
    }

    @Override
    public List<RegisterWindow> windows() {
        return List.of(this);
    }

    @Override
    public StreamTranslator translator() {
        return leaf ? translator : null;
    }

    @Override
    public long sizeBytes() {
        return generation.windowBytes();
    }

    String path() {
        return surroundings.node().path();
    }

    IpmmuGeneration generation() {
        return generation;
    }

    boolean isRoot() {
        return root;
    }

    boolean isLeaf() {
        return leaf;
    }

    ContextBank bank(int context) {
        return banks[context];
    }

    int utlb(int n) {
        return utlbs[n];
    }

    int utlbCount() {
        return utlbs.length;
    }

    int context(int utlbControl) {
        int mask = generation == IpmmuGeneration.GEN4 ? 0x1F0 : 0xF0;
        return (utlbControl & mask) >>> 4;
    }

    Tlb utlbTlb(int n) {
        return utlbTlbs[n];
    }

    Tlb tlb() {
        return tlb;
    }

    int control() {
        return control;
    }

    int auxControl() {
        return auxControl;
    }

    long nextSequence() {
        return ++sequence;
    }

    /** Leaves that showed up so far: a leaf that was never touched has no state to lose. */
    List<IpmmuModel> leaves() {
        return leaves;
    }

    /** The root of a leaf: what its phandle names, else the first root; null when the board has none. */
    IpmmuModel root() {
        if (knownRoot == null) {
            knownRoot = findRoot();
            if (knownRoot != null) {
                knownRoot.leaves.add(this);
            }
        }
        return knownRoot;
    }

    private IpmmuModel findRoot() {
        int[] main = surroundings.node().cells("renesas,ipmmu-main");
        IpmmuModel first = null;
        for (String own : surroundings.node().strings("compatible")) {
            // Vendor trees give some leaves another name than their root: ipmmu-mmu-<soc>.
            for (String name : List.of(own, own.replace("ipmmu-mmu-", "ipmmu-"), own.replace("ipmmu-pmb-", "ipmmu-"))) {
                for (DeviceProperties node : surroundings.findCompatible(name)) {
                    if (surroundings.model(node.path()) instanceof IpmmuModel candidate && candidate.root) {
                        int[] phandle = node.cells("phandle");
                        if (main.length > 0 && phandle.length == 1 && phandle[0] == main[0]) {
                            return candidate;
                        }
                        first = first == null ? candidate : first;
                    }
                }
            }
        }
        return first;
    }

    @Override
    public long read(long offset, int sizeBytes) {
        if (sizeBytes == Long.BYTES) {
            checker.accessSize(offset);
            return read(offset, Integer.BYTES) | read(offset + Integer.BYTES, Integer.BYTES) << 32;
        }
        settle();
        IpmmuGeneration.Location at = generation.locate(offset);
        int value = switch (at.kind()) {
            case CONTEXT -> contextReadable(at) ? banks[at.index()].get(at.register()) : 0;
            case UTLB_CONTROL -> at.index() < utlbs.length ? utlbs[at.index()] : 0;
            case UTLB_ASID -> at.index() < asids.length ? asids[at.index()] : 0;
            case CONTROL -> control;
            case AUX_CONTROL -> auxControl;
            case PMB, SECURE_BANK, UNKNOWN -> 0;
        };
        checker.read(at, offset);
        return value & 0xFFFF_FFFFL;
    }

    private boolean contextReadable(IpmmuGeneration.Location at) {
        return root || at.register() == ContextBank.IMCTR;
    }

    @Override
    public void write(long offset, int sizeBytes, long value) {
        if (sizeBytes == Long.BYTES) {
            checker.accessSize(offset);
            write(offset, Integer.BYTES, value & 0xFFFF_FFFFL);
            write(offset + Integer.BYTES, Integer.BYTES, value >>> 32);
            return;
        }
        settle();
        IpmmuGeneration.Location at = generation.locate(offset);
        int word = (int) value;
        checker.write(at, offset, word);
        switch (at.kind()) {
            case CONTEXT -> writeContext(at.index(), at.register(), word);
            case UTLB_CONTROL -> writeUtlb(at.index(), word);
            case UTLB_ASID -> {
                if (at.index() < asids.length) {
                    asids[at.index()] = word & 0xFFFF;
                }
            }
            case CONTROL -> control = word;
            case AUX_CONTROL -> auxControl = word;
            case PMB, SECURE_BANK, UNKNOWN -> { }
        }
    }

    private void writeContext(int context, int register, int value) {
        ContextBank bank = banks[context];
        if (register == ContextBank.IMCTR) {
            writeControl(bank, value);
        } else if (root) {
            switch (register) {
                case ContextBank.IMSTR -> writeStatus(bank, value);
                case ContextBank.IMELAR, ContextBank.IMEUAR -> { }
                default -> bank.set(register, value);
            }
            bank.tablesWritten |= switch (register) {
                case ContextBank.IMTTLBR0 -> 1;
                case ContextBank.IMTTUBR0 -> 2;
                case ContextBank.IMTTBCR -> 4;
                default -> 0;
            };
        }
        updateInterrupt();
    }

    private void writeControl(ContextBank bank, int value) {
        boolean wasEnabled = bank.enabled();
        boolean pending = bank.flushing();
        int kept = root ? value : value & ContextBank.IMCTR_LEAF;
        bank.set(ContextBank.IMCTR, kept | (pending ? ContextBank.IMCTR_FLUSH : 0));
        if ((value & ContextBank.IMCTR_FLUSH) != 0) {
            bank.flushDoneNanos = surroundings.nanos() + flushNanos;
            IpmmuModel top = root();
            bank.flushSequence = top == null ? 0 : top.nextSequence();
        }
        if (wasEnabled && !bank.enabled()) {
            bank.tablesWritten = 0;
        }
    }

    /** Bits written 0 are cleared, bits written 1 stay. The address goes with the last fault. */
    private void writeStatus(ContextBank bank, int value) {
        int left = bank.get(ContextBank.IMSTR) & value;
        bank.set(ContextBank.IMSTR, left);
        if ((left & ContextBank.IMSTR_FAULTS) == 0) {
            bank.set(ContextBank.IMSTR, 0);
            bank.set(ContextBank.IMELAR, 0);
            bank.set(ContextBank.IMEUAR, 0);
        }
    }

    private void writeUtlb(int n, int value) {
        if (n >= utlbs.length) {
            return;
        }
        utlbs[n] = value & ~UTLB_FLUSH;
        if ((value & UTLB_FLUSH) != 0) {
            utlbTlbs[n].dropAll();
        }
    }

    /** Lets time take effect: ends invalidations that are due. */
    void settle() {
        if (flushStuck) {
            return;
        }
        long now = surroundings.nanos();
        for (int c = 0; c < banks.length; c++) {
            if (banks[c].flushing() && now - banks[c].flushDoneNanos >= 0) {
                finishFlush(c);
                for (IpmmuModel other : leaves) {
                    if (other != this && other.banks[c].flushing() && other.banks[c].flushSequence < banks[c].flushSequence) {
                        other.finishFlush(c);
                    }
                }
            }
        }
    }

    private void finishFlush(int context) {
        ContextBank bank = banks[context];
        bank.set(ContextBank.IMCTR, bank.get(ContextBank.IMCTR) & ~ContextBank.IMCTR_FLUSH);
        tlb.drop(context);
        for (Tlb cache : utlbTlbs) {
            cache.drop(context);
        }
    }

    /** The interrupt line: a level, the OR over all contexts. Only the root has one. */
    void updateInterrupt() {
        if (root && surroundings.interruptCount() > 0) {
            boolean raised = false;
            for (ContextBank bank : banks) {
                raised |= bank.raised();
            }
            surroundings.interrupt(0, raised);
        }
    }
}
