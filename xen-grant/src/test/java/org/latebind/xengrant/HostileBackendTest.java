package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.internal.xen.KeptGrants;
import org.latebind.machine.memory.SparseMemory;
import org.latebind.machine.xen.DomainSpec;
import org.latebind.machine.xen.HostileBackend;
import org.latebind.machine.xen.HostileFrontend;

/**
 * Goal: whatever two backends do, and however their steps interleave with the driver's, no page is reached that is not granted,
 * nothing is written through a read-only grant, no handle is in use twice, and at the end every count is what it was.
 * Method: real threads, one running at a time, the next chosen by the seed at every access to the table; an oracle that knows
 * only what the parties asked for; canaries in every page that is not granted for writing.
 */
class HostileBackendTest {

    private static final int OPERATIONS = Integer.getInteger("latebind.xengrant.operations", 1_000_000);
    private static final long SEED = Long.getLong("latebind.xengrant.seed", 20220519L);
    private static final int PAGES = 64;
    private static final int CANARY = 0xC5;

    private final SeededSchedule schedule = new SeededSchedule(SEED, 64);
    private final SparseMemory memory = XenBench.sparse();
    private final SteppedMemory stepped = new SteppedMemory(memory, schedule, XenBench.WINDOW,
            XenBench.WINDOW + XenBench.WINDOW_BYTES);
    private final XenBench bench = new XenBench(stepped, schedule.lock(),
            DomainSpec.guest(1, List.of(XenBench.RAM), XenBench.WINDOW).withMaxGrantFrames(1), false);
    private final GrantOracle oracle = new GrantOracle();

    /** A mapping the driver made. */
    private record Mapping(long address, int count, int which, int page, boolean readOnly) {
        int first() {
            return GrantAddress.ref(address);
        }
    }

    /** The driver's side: maps and unmaps pages at random for both backends, a new record whenever one is broken. */
    private final class Frontend implements Runnable {
        private final Random random = new Random(SEED + 1);
        private final GuestGrantTable table = bench.table();
        private final KeptGrants ledger = new KeptGrants();
        private final Leftovers leftovers = new Leftovers(table, bench.pages, ledger);
        private final GrantDma[] devices = {device(2), device(3)};
        private final List<Mapping> live = new ArrayList<>();
        private final List<Mapping> waiting = new ArrayList<>();
        /** How many grants allow writing to a page; while there is none, the page holds its canary. */
        private final int[] writable = new int[PAGES];
        private int broken;
        private Mapping mapping;

        Frontend() {
            stepped.onPublish(this::published);
            for (int page = 0; page < PAGES; page++) {
                memory.fill(XenBench.P + page * 4096L, 4096, CANARY);
            }
        }

        private GrantDma device(int backend) {
            return new GrantDma("/device" + backend, backend, table, bench.pages, leftovers, text -> { });
        }

        @Override
        public void run() {
            for (int i = 0; i < OPERATIONS / 3; i++) {
                if (live.size() < 24 && random.nextInt(2) == 0) {
                    map();
                } else if (!live.isEmpty()) {
                    unmap(live.remove(random.nextInt(live.size())));
                }
                schedule.point();
                if (random.nextInt(64) == 0) {
                    reclaim();
                }
            }
            while (!live.isEmpty()) {
                unmap(live.remove(live.size() - 1));
            }
        }

        /** An entry is about to be valid: it must say what was asked for, and from now on the oracle knows it. */
        private void published(int ref) {
            long frame = Integer.toUnsignedLong(memory.read32(XenBench.WINDOW + ref * 8L + 4));
            int domid = memory.read16(XenBench.WINDOW + ref * 8L + 2);
            long page = frame - (XenBench.P >>> 12);
            if (page < mapping.page() || page >= mapping.page() + mapping.count() || domid != mapping.which() + 2) {
                throw new AssertionError("grant " + ref + " of frame 0x" + Long.toHexString(frame) + " to " + domid
                        + " was not asked for: " + mapping);
            }
            oracle.granted(ref, 1, domid, frame, mapping.readOnly());
        }

        private void map() {
            int page = random.nextInt(PAGES);
            mapping = new Mapping(0, Math.min(1 + random.nextInt(4) * random.nextInt(2), PAGES - page), random.nextInt(2), page,
                    random.nextBoolean());
            count(mapping, 1);
            long address = devices[mapping.which()].map(XenBench.P + page * 4096L, mapping.count() * 4096L,
                    mapping.readOnly() ? Direction.TO_DEVICE : Direction.BIDIRECTIONAL, 0);
            if (address == DmaApi.MAPPING_ERROR) {
                count(mapping, -1);
            } else {
                live.add(new Mapping(address, mapping.count(), mapping.which(), page, mapping.readOnly()));
            }
        }

        private void unmap(Mapping done) {
            GrantDma device = devices[done.which()];
            device.unmap(done.address(), done.count() * 4096L, Direction.BIDIRECTIONAL, 0);
            settle(done);
            if (device.broken() != null) {
                renew(done.which());
            }
        }

        /** Either the references are back, or they wait for the backend. */
        private void settle(Mapping done) {
            if (ledger.leftovers().stream().anyMatch(run -> run.firstRef() == done.first())) {
                waiting.add(done);
            } else {
                oracle.ended(done.first(), done.count());
                count(done, -1);
            }
        }

        /** A broken device is bound anew: its record ends, and its mappings with it. */
        private void renew(int which) {
            broken++;
            List<Mapping> lost = live.stream().filter(m -> m.which() == which).toList();
            live.removeAll(lost);
            devices[which].end();
            devices[which] = device(which + 2);
            lost.forEach(this::settle);
        }

        private void reclaim() {
            leftovers.reclaim();
            List<Mapping> before = List.copyOf(waiting);
            waiting.clear();
            before.forEach(this::settle);
        }

        /** Counts who may write to a page, and looks after the canaries. */
        private void count(Mapping about, int change) {
            for (int page = about.page(); page < about.page() + about.count() && !about.readOnly(); page++) {
                if (writable[page] == 0) {
                    checkCanary(page);
                }
                writable[page] += change;
                if (writable[page] == 0) {
                    memory.fill(XenBench.P + page * 4096L, 4096, CANARY);
                }
            }
        }

        private void checkCanary(int page) {
            byte[] bytes = bench.bytes(XenBench.P + page * 4096L, 4096);
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] != (byte) CANARY) {
                    throw new AssertionError("page " + page + " was written at " + i + " while no grant allowed it");
                }
            }
        }

        private void checkCanaries() {
            for (int page = 0; page < PAGES; page++) {
                if (writable[page] == 0) {
                    checkCanary(page);
                }
            }
        }
    }

    private HostileBackend backend(int domid) {
        return new HostileBackend(bench.xen, domid, XenBench.FRONTEND, 80, new Random(SEED + domid), oracle);
    }

    @Test
    void aMillionOperationsReachNothingThatIsNotGranted() throws InterruptedException {
        Frontend frontend = new Frontend();
        HostileBackend[] backends = {backend(2), backend(3)};
        schedule.add("frontend", frontend);
        for (HostileBackend backend : backends) {
            schedule.add("backend", () -> {
                for (int i = 0; i < OPERATIONS / 3; i++) {
                    backend.step();
                    schedule.point();
                }
            });
        }
        schedule.run();
        assertThat(oracle.maps).as("seed %d: the backends did map", SEED).isGreaterThan(OPERATIONS / 1000);
        assertThat(frontend.broken).as("seed %d: mappings were in use when they were undone", SEED).isPositive();
        assertThat(oracle.faults).isPositive().isLessThan(oracle.accesses);
        assertThat(bench.xen.handlesInUse(2)).as("handles of domain 2, seed %d", SEED).isEqualTo(oracle.held(2));
        assertThat(bench.xen.handlesInUse(3)).as("handles of domain 3, seed %d", SEED).isEqualTo(oracle.held(3));
        bench.xen.destroy(2);
        bench.xen.destroy(3);
        oracle.destroyed(2);
        oracle.destroyed(3);
        frontend.checkCanaries();
        frontend.reclaim();
        assertThat(frontend.waiting).isEmpty();
        for (GrantDma device : frontend.devices) {
            device.end();
        }
        assertThat(bench.xen.pinnedGrants(1)).isZero();
        assertThat(frontend.ledger.leftovers()).isEmpty();
        assertThat(frontend.table.freeCount()).as("references, seed %d", SEED).isEqualTo(504);
        for (int page = 0; page < PAGES; page++) {
            assertThat(bench.xen.pageReferences((XenBench.P >>> 12) + page)).isZero();
        }
        assertThat(bench.findings).isEmpty();
    }

    @Test
    void theSameSeedGivesTheSameRun() throws InterruptedException {
        assertThat(shortRun()).isEqualTo(shortRun());
    }

    private static List<Long> shortRun() throws InterruptedException {
        SeededSchedule schedule = new SeededSchedule(7, 3);
        XenBench bench = new XenBench(new SteppedMemory(XenBench.sparse(), schedule, XenBench.WINDOW,
                XenBench.WINDOW + XenBench.WINDOW_BYTES), schedule.lock(),
                DomainSpec.guest(1, List.of(XenBench.RAM), XenBench.WINDOW), false);
        hostileRun(bench, schedule, 2000);
        return List.of(schedule.switches(), (long) bench.xen.handlesInUse(2), (long) bench.xen.handlesInUse(3));
    }

    private static void hostileRun(XenBench bench, SeededSchedule schedule, int steps) throws InterruptedException {
        HostileFrontend guest = new HostileFrontend(bench.memory, XenBench.WINDOW, 64, XenBench.P >>> 12, 16, new Random(1));
        schedule.add("guest", () -> {
            for (int i = 0; i < steps; i++) {
                guest.step();
            }
        });
        for (int domid = 2; domid <= 3; domid++) {
            HostileBackend backend = new HostileBackend(bench.xen, domid, 1, 64, new Random(domid), new SilentWitness());
            schedule.add("backend", () -> {
                for (int i = 0; i < steps; i++) {
                    backend.step();
                }
            });
        }
        schedule.run();
    }

    @Test
    void aHostileGuestLosesXenNothing() throws InterruptedException {
        for (long seed = 0; seed < 20; seed++) {
            SeededSchedule schedule = new SeededSchedule(seed, 4);
            SteppedMemory memory = new SteppedMemory(XenBench.sparse(), schedule, XenBench.WINDOW,
                    XenBench.WINDOW + XenBench.WINDOW_BYTES);
            XenBench bench = new XenBench(memory, schedule.lock(),
                    DomainSpec.guest(1, List.of(XenBench.RAM), XenBench.WINDOW), false);
            hostileRun(bench, schedule, 1000);
            bench.xen.destroy(2);
            bench.xen.destroy(3);
            assertThat(bench.xen.pinnedGrants(1)).as("seed %d", seed).isZero();
            for (int page = 0; page < 18; page++) {
                assertThat(bench.xen.pageReferences((XenBench.P >>> 12) + page)).as("seed %d", seed).isZero();
            }
            bench.xen.destroy(1);
            assertThat(bench.xen.domids()).as("seed %d", seed).containsExactly(0);
        }
    }

    @Test
    void realThreadsKeepTheCountsToo() throws InterruptedException {
        XenBench real = new XenBench(XenBench.sparse(), new ReentrantLock(),
                DomainSpec.guest(1, List.of(XenBench.RAM), XenBench.WINDOW), false);
        GuestGrantTable table = real.table();
        Leftovers leftovers = new Leftovers(table, real.pages, new KeptGrants());
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            GrantDma dma = new GrantDma("/device" + t, 2, table, real.pages, leftovers, text -> { });
            int slot = t;
            threads.add(new Thread(() -> {
                for (int i = 0; i < 5000; i++) {
                    long address = dma.map(XenBench.P, 4096L * (1 + i % 3), Direction.BIDIRECTIONAL, 0);
                    int ref = GrantAddress.ref(address);
                    int handle = real.map(2, ref, i % 2 == 0, slot).handle();
                    real.xen.unmap(2, org.latebind.machine.xen.UnmapRequest.host(XenBench.THERE + slot * 4096L, handle));
                    dma.unmap(address, 4096L * (1 + i % 3), Direction.BIDIRECTIONAL, 0);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(table.freeCount()).isEqualTo(table.size() - 8);
        assertThat(real.xen.handlesInUse(2)).isZero();
        assertThat(real.xen.pinnedGrants(1)).isZero();
    }
}
