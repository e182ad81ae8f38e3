package org.latebind.machine.smmu3;

import java.util.Random;

/**
 * What a seed makes of an SMMUv3: a stream table, contexts, tables, commands, transfers, faults, in any order, legal and not.
 * Only what QEMU 7.2 answers against the architecture is left out; each omission is named where it is made.
 */
final class RandomProgram {

    /** Stream ids of the masters: the slots of {@link SmmuV3AgainstQemuTest} times eight. */
    static final int[] STREAMS = {8, 16, 56, 64, 128, 248};

    private static final long STREAM_TABLE = 0x5000_0000L;
    private static final long LEVEL2 = 0x5080_0000L;
    private static final long CONTEXTS = 0x5100_0000L;
    private static final long COMMANDS = 0x5200_0000L;
    private static final long EVENTS = 0x5300_0000L;
    private static final int CONTEXT_COUNT = 4;
    private static final int SMMUEN = 1;
    private static final int EVTQEN = 4;
    private static final int CMDQEN = 8;
    private static final int[] ASIDS = {1, 2, 0x101, 0xffff};
    private static final int[] OPCODES = {0x01, 0x02, 0x03, 0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x11, 0x12, 0x12, 0x12, 0x12,
        0x13, 0x30, 0x46, 0x46};
    private static final int[] ILLEGAL = {0x00, 0x07, 0x14, 0x50, 0x7f, 0xff, 0x403, 0x404, 0x405};

    private final LockStep step;
    private final Random random;
    private final RandomTables.Pool pool = new RandomTables.Pool();
    private final RandomTables[] tables = new RandomTables[CONTEXT_COUNT];
    private final boolean twoLevel;
    private final int split;
    private int streamBits;
    private int commandBits;
    private int eventBits;
    private int producer;
    private int control;
    private long recent;

    RandomProgram(LockStep step, long seed) {
        this.step = step;
        random = new Random(seed);
        // Once two-level, QEMU stays so until a reset: one format for each run.
        twoLevel = random.nextBoolean();
        split = new int[] {6, 8, 10}[random.nextInt(3)];
        chooseSizes();
    }

    private void chooseSizes() {
        streamBits = twoLevel ? Math.max(split, 6 + random.nextInt(5)) : 4 + random.nextInt(6);
        commandBits = random.nextInt(7);
        eventBits = random.nextInt(5);
    }

    /** The whole run. */
    void run(int count) {
        setUp();
        for (int i = 0; i < count; i++) {
            one();
        }
        compareAll();
    }

    private void setUp() {
        step.write(0x20, 4, 0);
        step.read(0x24, 4, -1);
        step.write(0x28, 4, 0xd75);
        // RECINVSID is ignored there: always set.
        step.write(0x2c, 4, 6);
        program();
        step.write(0x50, 4, 5);
        control(CMDQEN);
        command(0x04, 31);
        command(0x30, 0);
        control(CMDQEN | EVTQEN);
        control(CMDQEN | EVTQEN | SMMUEN);
        if (twoLevel) {
            for (int i = 0; i < 1 << streamBits - split; i++) {
                level1(i);
            }
        }
        for (int i = 0; i < CONTEXT_COUNT; i++) {
            context(i, true);
        }
        for (int sid : STREAMS) {
            entry(sid, true);
        }
    }

    private void program() {
        step.write(0x80, 8, STREAM_TABLE | 1L << 62);
        step.write(0x88, 4, (twoLevel ? 1 << 16 | split << 6 : 0) | streamBits);
        step.write(0x90, 8, COMMANDS | commandBits | 1L << 62);
        step.write(0x98, 4, 0);
        step.write(0x9c, 4, 0);
        step.write(0xa0, 8, EVENTS | eventBits | 1L << 62);
        step.write(0x100a8, 4, 0);
        step.write(0x100ac, 4, 0);
        producer = 0;
    }

    /** Another size of table and queues, with the caches as they are. */
    private void resize() {
        int before = control;
        step.sameEvents(EVENTS, eventBits, true);
        control(0);
        chooseSizes();
        program();
        control(before & ~SMMUEN);
        control(before);
    }

    /** A level-1 descriptor; spans always reach every index that is used, because QEMU's bound is another one. */
    private void level1(int index) {
        boolean present = random.nextInt(5) != 0;
        step.store(STREAM_TABLE + 8L * index, present ? LEVEL2 + ((long) index << 16) | split + 1 : 0);
    }

    private void control(int value) {
        control = value;
        step.write(0x20, 4, value);
        step.read(0x24, 4, 0x3df);
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    private void one() {
        switch (random.nextInt(20)) {
            case 0 -> entry(STREAMS[random.nextInt(STREAMS.length)], false);
            case 1 -> context(random.nextInt(CONTEXT_COUNT), false);
            case 2, 3, 4, 5 -> changeTables();
            case 6, 7, 8 -> commands();
            case 9 -> compareAll();
            case 10 -> registers();
            default -> transfer();
        }
    }

    private void changeTables() {
        RandomTables t = tables[random.nextInt(CONTEXT_COUNT)];
        recent = t.address();
        t.change(recent);
        if (oneIn(2)) {
            forget(t);
        }
    }

    /** The proper invalidation of what was just changed. */
    private void forget(RandomTables t) {
        long tg = (t.granuleShift() - 10) / 2;
        long base = recent & -(1L << t.granuleShift());
        switch (random.nextInt(4)) {
            case 0 -> command(0x13, base);
            // No level hint: what is cached may be of another level, and QEMU forgives a wrong hint.
            case 1 -> command(0x13, base | tg << 10 | random.nextInt(2));
            case 2 -> command(0x10, 0);
            default -> command(0x30, 0);
        }
    }

    private void entry(int sid, boolean sane) {
        long address = entryAddress(sid);
        if (address == 0) {
            return;
        }
        int config = sane || oneIn(2) ? 5 : new int[] {0, 1, 2, 3, 4, 4, 6, 7}[random.nextInt(8)];
        long context = oneIn(30) ? RandomTables.MISSING : CONTEXTS + 64L * random.nextInt(CONTEXT_COUNT);
        boolean substreams = !sane && oneIn(25);
        // Without substreams S1Fmt means nothing; without ATS neither does EATS. STRW is not checked there: 0.
        long word0 = (sane || !oneIn(20) ? 1 : 0) | (long) config << 1 | (long) random.nextInt(3) << 4 | context
                | (substreams ? 1L << 59 : 0);
        long word1 = random.nextLong() & ~(3L << 30 | 1L << 27) | (!sane && oneIn(30) ? 1L << 27 : 0);
        step.store(address, word0, word1, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong(),
                random.nextLong(), random.nextLong());
        if (sane || oneIn(2)) {
            command(0x03 | (long) sid << 32, random.nextInt(2));
        }
    }

    /** Address of a stream's entry; 0 when it has none. */
    private long entryAddress(int sid) {
        if (sid >>> streamBits != 0) {
            return 0;
        }
        return twoLevel ? LEVEL2 + ((long) (sid >>> split) << 16) + 64L * (sid & (1 << split) - 1) : STREAM_TABLE + 64L * sid;
    }

    private void context(int index, boolean sane) {
        int granule = new int[] {12, 12, 14, 16}[random.nextInt(4)];
        int[] sizes = granule == 12 ? new int[] {16, 17, 20, 24, 25, 28, 32, 33, 34, 39}
                : granule == 14 ? new int[] {16, 17, 20, 28, 30, 38, 39} : new int[] {16, 21, 22, 25, 34, 35, 39};
        int tsz = sizes[random.nextInt(sizes.length)];
        int ips = oneIn(4) ? 0 : 2 + random.nextInt(4);
        tables[index] = new RandomTables(step, random, pool, granule, 64 - tsz, ips != 0);
        long tg = granule == 12 ? 0 : granule == 14 ? 2 : 1;
        boolean broken = !sane && oneIn(3);
        long word0 = broken && oneIn(4) ? random.nextBoolean() ? random.nextInt(16) : 40 + random.nextInt(24) : tsz;
        word0 |= (broken && oneIn(5) ? 3 : tg) << 6 | (long) random.nextInt(64) << 8 | (broken && oneIn(4) ? 1L << 14 : 0)
                | (broken && oneIn(8) ? 1L << 15 : 0);
        word0 |= upperHalf(broken && (word0 & 1L << 14) == 0, tsz);
        word0 |= (broken && oneIn(6) ? 0 : 1L << 31) | (long) ips << 32 | (random.nextLong() & 3L << 38);
        word0 |= (broken && oneIn(6) ? 0 : 1L << 41) | (broken && oneIn(8) ? 1L << 42 : 0) | (broken && oneIn(8) ? 1L << 43 : 0)
                | (broken && oneIn(8) ? 1L << 44 : 0) | (oneIn(4) ? 0 : 1L << 45) | (broken && oneIn(6) ? 0 : 1L << 46)
                | (random.nextLong() & 1L << 47) | (long) ASIDS[random.nextInt(ASIDS.length)] << 48;
        long root = broken && oneIn(6) && ips < 5 ? 1L << 46 : tables[index].root();
        step.store(CONTEXTS + 64L * index, word0, root | random.nextInt(2) << 1, 0x5600_0000L, random.nextLong(),
                random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        if (sane || !oneIn(3)) {
            for (int sid : STREAMS) {
                command(0x05 | (long) sid << 32 | (long) random.nextInt(4) << 12, random.nextInt(2));
            }
        }
    }

    /**
     * T1SZ and TG1 count only with EPD1=0. QEMU gives TTB1 the addresses below 2^(64-T1SZ), not those at the top: the lower
     * half always covers them.
     */
    private long upperHalf(boolean broken, int lowerSize) {
        boolean enabled = broken && oneIn(3);
        long size = !enabled || oneIn(2) ? random.nextInt(64) : 16 + random.nextInt(24);
        if (enabled && size >= 16 && size < lowerSize) {
            size = lowerSize;
        }
        long granule = enabled && !oneIn(4) ? 2 : random.nextInt(4);
        return size << 16 | granule << 22 | (long) random.nextInt(64) << 24 | (enabled ? 0 : 1L << 30);
    }

    private void command(long low, long high) {
        put(low, high);
        step.write(0x98, 4, producer);
        afterCommands();
    }

    private void put(long low, long high) {
        step.store(COMMANDS + 16L * (producer & (1 << commandBits) - 1), low, high);
        producer = producer + 1 & (2 << commandBits) - 1;
    }

    /** The queue runs dry at once, or stops at an error, which is repaired sooner or later. */
    private void afterCommands() {
        long consumer = step.read(0x9c, 4, -1);
        long active = step.read(0x60, 4, -1) ^ step.read(0x64, 4, -1);
        step.samePulses();
        if ((active & 1) == 0) {
            return;
        }
        if (oneIn(3)) {
            step.note("acknowledged without repair");
            step.write(0x64, 4, step.read(0x60, 4, -1));
            step.read(0x9c, 4, -1);
        }
        for (int i = 0; i < 2 << commandBits && (step.read(0x60, 4, -1) ^ step.read(0x64, 4, -1)) % 2 != 0; i++) {
            consumer = step.read(0x9c, 4, -1);
            step.store(COMMANDS + 16L * (consumer & (1 << commandBits) - 1), 0x46, 0);
            step.write(0x64, 4, step.read(0x60, 4, -1));
        }
        step.samePulses();
    }

    private void commands() {
        int count = 1 + random.nextInt(1 << Math.min(commandBits, 3));
        for (int i = 0; i < count; i++) {
            any();
        }
        step.write(0x98, 4, producer);
        afterCommands();
    }

    private void any() {
        int opcode = oneIn(25) ? ILLEGAL[random.nextInt(ILLEGAL.length)] : OPCODES[random.nextInt(OPCODES.length)];
        long sid = oneIn(3) ? random.nextInt(300) : STREAMS[random.nextInt(STREAMS.length)];
        RandomTables t = tables[random.nextInt(CONTEXT_COUNT)];
        long asid = (long) ASIDS[random.nextInt(ASIDS.length)] << 48;
        long tg = (t.granuleShift() - 10) / 2;
        switch (opcode) {
            case 0x04 -> put(opcode | sid << 32, oneIn(4) ? 31 : random.nextInt(9));
            case 0x12, 0x13 -> {
                long address = (oneIn(2) ? recent : t.address()) & -(1L << t.granuleShift());
                boolean range = random.nextBoolean();
                // A wrong level hint is the caller's error; QEMU forgives it.
                put(opcode | (opcode == 0x12 ? asid : 0) | (range ? (long) random.nextInt(32) << 12
                        | (long) random.nextInt(4) << 20 : 0), address | (range ? tg << 10 : 0) | random.nextInt(2));
            }
            case 0x11 -> put(opcode | asid, 0);
            // CS=3 is accepted there.
            case 0x46 -> put(opcode | (long) random.nextInt(3) << 12, 0);
            default -> put(opcode | sid << 32 | (opcode == 0x05 ? (long) random.nextInt(8) << 12 : 0), random.nextInt(2));
        }
    }

    private void transfer() {
        RandomTables t = tables[random.nextInt(CONTEXT_COUNT)];
        long iova = oneIn(3) ? recent : oneIn(12) ? RandomTables.MISSING + random.nextInt(64) * 4 : t.address();
        boolean write = random.nextBoolean();
        // QEMU splits a refused access that is no power of two, with one record for each part.
        byte[] data = new byte[oneIn(4) ? new int[] {1, 2, 8, 5 + random.nextInt(300)}[random.nextInt(4)] : 4];
        if (write) {
            random.nextBytes(data);
        }
        int sid = STREAMS[random.nextInt(STREAMS.length)];
        step.transfer(sid, iova, data, write);
        int waiting = step.sameEvents(EVENTS, eventBits, !oneIn(4));
        if (waiting >= 1 << eventBits) {
            // A full queue is GERROR there and OVFLG in the architecture.
            step.sameEvents(EVENTS, eventBits, true);
        }
    }

    private void registers() {
        switch (random.nextInt(8)) {
            case 6 -> resize();
            case 0 -> control(control ^ SMMUEN);
            case 1 -> control(control ^ EVTQEN);
            case 2 -> {
                control(control & ~CMDQEN);
                any();
                step.write(0x98, 4, producer);
                step.read(0x9c, 4, -1);
                control(control | CMDQEN);
                afterCommands();
            }
            case 3 -> step.write(0x50, 4, random.nextInt(2) * 4 + random.nextInt(2));
            case 4 -> {
                if (twoLevel) {
                    level1(random.nextInt(1 << streamBits - split));
                }
            }
            case 5 -> {
                control(CMDQEN | EVTQEN | SMMUEN);
                step.write(0x50, 4, 5);
            }
            default -> step.write(0x2c, 4, 2 | random.nextInt(2) << 2);
        }
    }

    private void compareAll() {
        for (int offset : new int[] {0, 4, 8, 0xc, 0x10, 0x14, 0x18, 0x1c, 0x20, 0x28, 0x2c, 0x40, 0x50, 0x54, 0x60, 0x64, 0x88,
            0x98, 0x9c}) {
            step.read(offset, 4, -1);
        }
        step.read(0x24, 4, 0x3df);
        for (int offset : new int[] {0x80, 0x90, 0xa0}) {
            step.read(offset, 8, -1);
        }
        step.sameMemory(RandomTables.DATA, 1 << 17);
    }
}
