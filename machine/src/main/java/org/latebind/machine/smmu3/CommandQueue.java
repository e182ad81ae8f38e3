package org.latebind.machine.smmu3;

/** Fetches and executes commands (Arm IHI 0070, section 4). */
final class CommandQueue {

    private static final int ENTRY_BYTES = 16;
    private static final int ERROR_NONE = 0;
    private static final int ERROR_ILLEGAL = 1;
    private static final int ERROR_ABORT = 2;
    private static final int SECURE = 1 << 10;
    private static final int RESUME = 0x44;
    private static final int ACTION_RETRY = 1;
    private static final int CS_INTERRUPT = 1;
    private static final int CS_RESERVED = 3;
    private static final long PAGE_ADDRESS = -0x1000L;
    private static final long MSI_ADDRESS = 0x000f_ffff_ffff_fffcL;

    private final Registers registers;
    private final Hardware hardware;
    private final Caches caches;
    private final Features features;
    private final Stalls stalls;

    CommandQueue(Registers registers, Hardware hardware, Caches caches, Stalls stalls) {
        this.stalls = stalls;
        this.registers = registers;
        this.hardware = hardware;
        this.caches = caches;
        this.features = hardware.features();
    }

    /** Executes what is there until the queue is empty, disabled or stopped by an error. */
    void consume() {
        RingIndex ring = registers.commandRing();
        long[] command = new long[2];
        while (registers.enabled(Registers.CMDQEN) && !registers.commandErrorActive()) {
            int consumer = registers.word(Registers.CMDQ_CONS);
            if (((registers.word(Registers.CMDQ_PROD) ^ consumer) & ring.mask()) == 0) {
                return;
            }
            boolean fetched = hardware.read(registers.commandBase() + (long) ring.slot(consumer) * ENTRY_BYTES, command);
            int error = fetched ? execute(command[0], command[1]) : ERROR_ABORT;
            if (error != ERROR_NONE) {
                hardware.complain("smmu3-command-error", (fetched ? "illegal command " + Hardware.hex(command)
                        : "command fetch aborted") + " at index " + Hardware.hex(consumer & ring.mask()));
                registers.commandError(error);
                return;
            }
            registers.set(Registers.CMDQ_CONS, consumer & ~0xf_ffff | ring.next(consumer & ring.mask()));
        }
    }

    private int execute(long low, long high) {
        if ((low & SECURE) != 0) {
            return ERROR_ILLEGAL;
        }
        int sid = (int) (low >>> 32);
        switch ((int) low & 0xff) {
            case 0x01, 0x02 -> { }
            case 0x03 -> caches.configuration().dropStream(sid);
            case 0x04 -> caches.dropStreams(sid, (int) high & 0x1f);
            case 0x05 -> caches.configuration().dropContext(sid, (int) (low >>> 12) & substreamMask());
            case 0x06 -> caches.configuration().dropContexts(sid);
            case 0x44, 0x45 -> {
                return endStall((int) low & 0xff, low, high);
            }
            case 0x46 -> {
                return synchronise(low, high);
            }
            default -> {
                return invalidate((int) low & 0xff, low, high);
            }
        }
        return ERROR_NONE;
    }

    /** TLB maintenance, and the commands of features that may be absent. */
    private int invalidate(int opcode, long low, long high) {
        int asid = (int) (low >>> 48) & features.asidMask();
        int vmid = (int) (low >>> 32) & features.vmidMask();
        boolean offered = switch (opcode) {
            case 0x10, 0x11, 0x12, 0x13 -> features.stage1();
            case 0x20, 0x21, 0x22 -> features.hyp();
            case 0x28, 0x2a -> features.stage2();
            case 0x30 -> true;
            case 0x40 -> features.ats();
            case 0x41 -> features.pri();
            default -> false;
        };
        if (!offered) {
            return ERROR_ILLEGAL;
        }
        TlbRange range = TlbRange.of(low, high, features.rangeInvalidation());
        switch (opcode) {
            case 0x10 -> caches.tlb().drop(e -> !e.el2() && e.vmid() == vmid);
            case 0x11 -> caches.tlb().drop(e -> !e.el2() && e.vmid() == vmid && !e.leaf().global() && e.asid() == asid);
            case 0x12 -> caches.tlb().drop(e -> !e.el2() && e.vmid() == vmid && e.serves(asid) && range.hits(e));
            case 0x13 -> caches.tlb().drop(e -> !e.el2() && e.vmid() == vmid && range.hits(e));
            case 0x20 -> caches.tlb().drop(Tlb.Entry::el2);
            case 0x21 -> caches.tlb().drop(e -> e.el2() && !e.leaf().global() && e.asid() == asid);
            case 0x22 -> caches.tlb().drop(e -> e.el2() && e.serves(asid) && range.hits(e));
            case 0x28 -> caches.dropMachine(vmid);
            case 0x2a -> caches.stage2().drop(e -> e.vmid() == vmid && range.hits(e));
            case 0x30 -> caches.dropNonSecure();
            default -> { }
        }
        return ERROR_NONE;
    }

    private int substreamMask() {
        return (1 << features.substreamBits()) - 1;
    }

    /** CMD_RESUME and CMD_STALL_TERM. */
    private int endStall(int opcode, long low, long high) {
        int sid = (int) (low >>> 32);
        int action = (int) (low >>> 12) & 3;
        if (features.stallModel() == 1 || opcode == RESUME && action == 3) {
            return ERROR_ILLEGAL;
        }
        if (opcode != RESUME) {
            stalls.terminate(sid);
        } else if (!stalls.resume(sid, (int) high & 0xffff, action == ACTION_RETRY)) {
            hardware.complain("smmu3-resume-nothing-held", "CMD_RESUME for stream " + Hardware.hex(sid) + ", tag "
                    + Hardware.hex(high & 0xffff) + ": no such transaction waits");
        }
        return ERROR_NONE;
    }

    private int synchronise(long low, long high) {
        int signal = (int) (low >>> 12) & 3;
        if (signal == CS_RESERVED) {
            return ERROR_ILLEGAL;
        }
        if (signal == CS_INTERRUPT) {
            long address = high & MSI_ADDRESS;
            if (features.msi() && address != 0) {
                hardware.signal(address, (int) (low >>> 32));
            } else {
                hardware.pulse("cmdq-sync");
            }
        }
        return ERROR_NONE;
    }

    /**
     * The addresses a TLBI command by address names.
     *
     * @param first first input address
     * @param last  last input address
     * @param level level the leaves are at, 0 for any
     */
    record TlbRange(long first, long last, int level) {

        static TlbRange of(long low, long high, boolean ranges) {
            long address = high & PAGE_ADDRESS;
            int granule = (int) (high >>> 10) & 3;
            if (granule == 0 || !ranges) {
                return new TlbRange(address, address, 0);
            }
            long pages = ((low >>> 12 & 0x1f) + 1) << (low >>> 20 & 0x1f);
            return new TlbRange(address, address + (pages << 10 + 2 * granule) - 1, (int) (high >>> 8) & 3);
        }

        boolean hits(Tlb.Entry e) {
            return e.covers(first, last) && (level == 0 || level == e.leaf().level());
        }
    }
}
