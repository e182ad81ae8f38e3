package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Machine;
import org.latebind.passthrough.Passthrough;
import org.latebind.runtime.Command;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;

/** Two guests with several masters each on an H3 board, behind the IPMMU bundle as it is shipped. */
@ExtendWith(PaxExamExtension.class)
public class PassthroughIT {

    private static final String BOARD = "salvator-xs-h3.dts";
    private static final long RAM = 0x4000_0000L;
    private static final int BYTES = 1 << 18;
    private static final int BLOCKED_TABLE_BYTES = 8192;
    private static final int TRANSFERS = 100_000;
    private static final int REBUILDS = 20;
    private static final long SEED = 20190917L;
    private static final List<List<String>> MASTERS = List.of(List.of(),
            List.of("/soc/dma-controller@e6700000", "/soc/mmc@ee100000", "/soc/dma-controller@ec700000"),
            List.of("/soc/dma-controller@e7300000", "/soc/mmc@ee140000", "/soc/dma-controller@ec720000"));

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()));
    }

    private static Live board(Map<String, String> parameters) throws Exception {
        Live live = Live.board(BOARD, "latebind", parameters);
        live.core().execute(new Command.LateInit());
        return live;
    }

    private static Passthrough guests(Live live) {
        live.settled();
        return live.service(Passthrough.class, null);
    }

    private static DmaMaster master(Live live, String path) {
        return live.service(Machine.class, null).master(path).orElseThrow();
    }

    private static void build(Passthrough guests, int guest) {
        assertThat(guests.create(guest, BYTES).text()).startsWith("domain " + guest + " created");
        for (String path : MASTERS.get(guest)) {
            assertThat(guests.assign(guest, path).text()).isEqualTo(path + " assigned to domain " + guest);
        }
    }

    /** Seeded transfers of one guest against an array that says what its memory must hold. */
    private static final class Traffic {
        private final Live live;
        private final Random random;
        private final byte[] expected = new byte[BYTES];

        Traffic(Live live, long seed) {
            this.live = live;
            this.random = new Random(seed);
        }

        void run(int guest, int transfers) {
            for (int i = 0; i < transfers; i++) {
                DmaMaster master = master(live, MASTERS.get(guest).get(random.nextInt(3)));
                byte[] data = new byte[1 + random.nextInt(64)];
                int offset = random.nextInt(BYTES - data.length);
                int stream = random.nextInt(master.streams());
                boolean write = random.nextBoolean();
                random.nextBytes(data);
                DmaResult result = write ? master.write(stream, RAM + offset, data) : master.read(stream, RAM + offset, data);
                if (result.kind() != DmaResult.Kind.TRANSLATED) {
                    throw new AssertionError("seed " + SEED + ", guest " + guest + ", transfer " + i + ": " + result);
                }
                check(guest, i, data, offset, write);
            }
        }

        /** Below and above its own memory, and where the other's memory really lies: nothing of it may get through. */
        void stray(int guest, long otherMachineAddress) {
            long[] targets = {RAM - 1 - random.nextInt(4096), RAM + BYTES + random.nextInt(1 << 20),
                otherMachineAddress + random.nextInt(4096)};
            for (long target : targets) {
                DmaMaster master = master(live, MASTERS.get(guest).get(random.nextInt(3)));
                DmaResult result = master.write(random.nextInt(master.streams()), target, new byte[] {(byte) 0xEE});
                assertThat(result.kind()).as("seed %d, guest %d, 0x%x", SEED, guest, target).isEqualTo(DmaResult.Kind.FAULT);
            }
        }

        /** Every byte of the guest, read from the machine page by page, is what its own transfers left. */
        void compare(int guest) {
            Machine machine = live.service(Machine.class, null);
            List<Passthrough.Mapping> pages = guests(live).p2m(guest, RAM, BYTES / 4096);
            byte[] memory = new byte[BYTES];
            for (int i = 0; i < pages.size(); i++) {
                machine.memory().read(pages.get(i).machineAddress(), memory, i * 4096, 4096);
            }
            assertThat(memory).as("guest %d", guest).isEqualTo(expected);
        }

        private void check(int guest, int transfer, byte[] data, int offset, boolean write) {
            for (int b = 0; b < data.length; b++) {
                if (write) {
                    expected[offset + b] = data[b];
                } else if (expected[offset + b] != data[b]) {
                    throw new AssertionError("seed " + SEED + ", guest " + guest + ", transfer " + transfer + ": byte at "
                            + (offset + b));
                }
            }
        }
    }

    @Test
    public void randomTransfersOfTwoGuestsNeverMeet() throws Exception {
        try (Live live = board(Map.of("xen", "true"))) {
            live.start("ipmmu-vmsa");
            Passthrough guests = guests(live);
            build(guests, 1);
            build(guests, 2);
            Traffic one = new Traffic(live, SEED);
            Traffic two = new Traffic(live, SEED + 1);
            long placeOfOne = guests.p2m(1, RAM, 1).get(0).machineAddress();
            long placeOfTwo = guests.p2m(2, RAM, 1).get(0).machineAddress();
            for (int round = 0; round < 100; round++) {
                one.run(1, TRANSFERS / 200);
                two.run(2, TRANSFERS / 200);
                one.stray(1, placeOfTwo);
                two.stray(2, placeOfOne);
            }
            one.compare(1);
            two.compare(2);
            assertThat(live.service(Machine.class, null).findings()).isEmpty();
        }
    }

    @Test
    public void guestIsDestroyedAndRebuiltUnderTheOthersRunningTransfers() throws Exception {
        try (Live live = board(Map.of("xen", "true"))) {
            live.start("ipmmu-vmsa");
            Passthrough guests = guests(live);
            long before = live.service(Machine.class, null).pages().allocatedBytes();
            build(guests, 1);
            Traffic one = new Traffic(live, SEED);
            FutureTask<Void> running = new FutureTask<>(() -> {
                one.run(1, TRANSFERS / 5);
                return null;
            });
            Thread thread = new Thread(running, "guest 1");
            thread.start();
            for (int i = 0; i < REBUILDS; i++) {
                build(guests, 2);
                new Traffic(live, SEED + i).run(2, 50);
                assertThat(guests.destroy(2).ok()).isTrue();
            }
            running.get();
            thread.join();
            one.compare(1);
            assertThat(guests.list()).singleElement().satisfies(g -> assertThat(g.hardware()).contains("context 1"));
            build(guests, 2);
            assertThat(guests.list()).last().satisfies(g -> assertThat(g.hardware()).as("the context it had first")
                    .contains("context 2"));
            assertThat(guests.destroy(2).ok()).isTrue();
            assertThat(guests.destroy(1).ok()).isTrue();
            assertThat(guests.list()).isEmpty();
            assertThat(live.service(Machine.class, null).pages().allocatedBytes()).isEqualTo(before);
            assertThat(live.service(Machine.class, null).findings()).isEmpty();
        }
    }

    @Test
    public void hardwareDomainHoldsTheDevicesUntilTheyAreTakenFromIt() throws Exception {
        try (Live live = board(Map.of("xen", "true"))) {
            live.start("ipmmu-vmsa");
            Passthrough guests = guests(live);
            assertThat(guests.createHardwareDomain().text()).startsWith("domain 0 built");
            assertThat(guests.createHardwareDomain().ok()).isFalse();
            Machine machine = live.service(Machine.class, null);
            String path = MASTERS.get(1).get(0);
            long page = machine.pages().allocate(4096, 4096, 32);
            assertThat(master(live, path).write(0, page, new byte[] {7}).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(machine.memory().read32(page) & 0xff).as("under its own address").isEqualTo(7);
            assertThat(guests.create(1, BYTES).ok()).isTrue();
            assertThat(guests.assign(1, path).text()).as("it belongs to domain 0").startsWith("EBUSY");
            assertThat(guests.deassign(0, path).ok()).isTrue();
            assertThat(guests.assign(1, path).ok()).isTrue();
            assertThat(master(live, path).write(0, page, new byte[] {8}).kind()).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(master(live, path).write(0, RAM, new byte[] {9}).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(machine.memory().read32(page) & 0xff).isEqualTo(7);
            assertThat(machine.findings()).isEmpty();
        }
    }

    /** H3 ES2.0: the root says no, its leaves wait for ever, Xen panics, and no guest can be made. */
    @Test
    public void olderCutIsRefusedAndItsLeavesWait() throws Exception {
        for (String policy : List.of("latebind", "xen")) {
            try (Live live = Live.board(BOARD, policy, Map.of("xen", "true", "prr.value", "0x4f10", "dom0", "1"))) {
                live.start("ipmmu-vmsa");
                live.core().execute(new Command.LateInit());
                live.settled();
                assertThat(live.outcome("/soc/iommu@e67b0000")).as(policy).isEqualTo("FAILED");
                assertThat(live.outcome("/soc/iommu@e6740000")).as(policy).isEqualTo("PENDING");
                assertThat(guests(live).create(1, BYTES).text()).as(policy).startsWith("EINVAL: no IOMMU is enabled");
                assertThat(guests(live).list()).as(policy).isEmpty();
            }
        }
    }

    /** As Xen itself: the drivers are there when it boots, and the hardware domain has the devices when it is up. */
    @Test
    public void hardwareDomainIsBuiltAtTheEndOfXensBoot() throws Exception {
        try (Live live = Live.board(BOARD, "xen", Map.of("dom0", "1"))) {
            live.start("ipmmu-vmsa");
            assertThat(guests(live).list()).as("before late-init").isEmpty();
            live.core().execute(new Command.LateInit());
            Passthrough guests = guests(live);
            assertThat(guests.list()).singleElement().satisfies(d -> assertThat(d.devices()).hasSize(20));
            String path = MASTERS.get(1).get(0);
            assertThat(guests.create(1, BYTES).ok()).isTrue();
            assertThat(guests.assign(1, path).text()).startsWith("EBUSY");
            assertThat(guests.deassign(0, path).ok()).isTrue();
            assertThat(guests.assign(1, path).ok()).isTrue();
            assertThat(live.service(Machine.class, null).findings()).isEmpty();
        }
    }

    /** Xen probes IOMMUs while it boots and never again: a driver that comes later binds nothing. */
    @Test
    public void driverThatComesAfterXensBootBindsNothing() throws Exception {
        try (Live live = Live.board(BOARD, "xen", Map.of())) {
            live.core().execute(new Command.LateInit());
            live.start("ipmmu-vmsa");
            live.settled();
            assertThat(live.outcome("/soc/iommu@e67b0000")).isEqualTo("NO_DRIVER");
            assertThat(guests(live).create(1, BYTES).text()).startsWith("EINVAL: no IOMMU is enabled");
        }
    }

    @Test
    public void bundleLeavesUnderRunningGuestsAndComesBack() throws Exception {
        try (Live live = board(Map.of("xen", "true"))) {
            Bundle bundle = live.start("ipmmu-vmsa");
            Passthrough guests = guests(live);
            long before = live.service(Machine.class, null).pages().allocatedBytes();
            build(guests, 1);
            build(guests, 2);
            Traffic one = new Traffic(live, SEED);
            Traffic two = new Traffic(live, SEED + 1);
            one.run(1, 200);
            two.run(2, 200);
            bundle.stop();
            live.settled();
            for (int guest = 1; guest <= 2; guest++) {
                for (String path : MASTERS.get(guest)) {
                    assertThat(master(live, path).write(0, RAM, new byte[1]).kind()).as(path).isEqualTo(DmaResult.Kind.FAULT);
                }
            }
            bundle.start();
            live.settled();
            one.run(1, 200);
            two.run(2, 200);
            assertThat(live.service(Machine.class, null).findings()).isEmpty();
            assertThat(guests.destroy(1).ok()).isTrue();
            assertThat(guests.destroy(2).ok()).isTrue();
            assertThat(live.service(Machine.class, null).pages().allocatedBytes())
                    .as("only the empty table stays that blocks contexts without a driver")
                    .isEqualTo(before + BLOCKED_TABLE_BYTES);
        }
    }
}
