package org.latebind.smmu.v3;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Interrupts;
import org.latebind.hardware.Machine;
import org.latebind.hardware.Mmio;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.iommu.DomainType;

/** Hardware that does not answer, memory that runs out, wrong nodes: an error with its number, and nothing left behind. */
class FailuresTest {

    /** The simulated machine with registers that lie or an allocator that gives up. */
    private static final class Sabotaged implements Machine {

        private final Machine machine;
        private final LongBinaryOperator reads;
        private int allocationsLeft;

        Sabotaged(Machine machine, LongBinaryOperator reads, int allocations) {
            this.machine = machine;
            this.reads = reads;
            this.allocationsLeft = allocations;
        }

        @Override
        public String backend() {
            return machine.backend();
        }

        @Override
        public PhysicalMemory memory() {
            return machine.memory();
        }

        @Override
        public PageAllocator pages() {
            PageAllocator all = machine.pages();
            return new PageAllocator() {
                @Override
                public long allocate(long sizeBytes, long alignmentBytes, int addressBits) {
                    return allocationsLeft-- > 0 ? all.allocate(sizeBytes, alignmentBytes, addressBits) : NONE;
                }

                @Override
                public void free(long address, long sizeBytes) {
                    all.free(address, sizeBytes);
                }

                @Override
                public long allocatedBytes() {
                    return all.allocatedBytes();
                }
            };
        }

        @Override
        public Mmio map(long address, long sizeBytes) {
            Mmio mmio = machine.map(address, sizeBytes);
            return (Mmio) Proxy.newProxyInstance(Mmio.class.getClassLoader(), new Class<?>[] {Mmio.class}, (self, method,
                    args) -> {
                Object result = method.invoke(mmio, args);
                return method.getName().equals("read32") ? (Object) (int) reads.applyAsLong((Long) args[0], (Integer) result)
                        : result;
            });
        }

        @Override
        public Interrupts interrupts() {
            return machine.interrupts();
        }

        @Override
        public Optional<DmaMaster> master(String devicePath) {
            return machine.master(devicePath);
        }

        @Override
        public Delay delay() {
            return machine.delay();
        }

        @Override
        public List<Finding> findings() {
            return machine.findings();
        }
    }

    private static Rig rig(LongBinaryOperator reads, int allocations) {
        Rig plain = Rig.model(Rig.LIKE_QEMU);
        return new Rig(new Sabotaged(plain.machine, reads, allocations), plain.tree, plain);
    }

    private static void fails(Rig rig, Errno errno) {
        ProbeResult result = rig.tryProbe(Settings.DEFAULT);
        assertThat(result).isInstanceOfSatisfying(Failed.class, f -> assertThat(f.errno()).as(f.text()).isEqualTo(errno));
        assertThat(rig.machine.pages().allocatedBytes()).isZero();
        assertThat(rig.machine.map(0x09050000, 0x20000).read32(0x20)).as("CR0").isZero();
    }

    @Nested
    class Probe {

        /** CR0ACK, IRQ handshake and CMDQ_CONS that stand still. */
        @ParameterizedTest
        @CsvSource({"0x24,0x10000", "0x9c,0"})
        void hardwareThatNeverAcknowledgesTimesOut(String offset, String stuckAt) {
            long register = Long.decode(offset);
            try (Rig rig = rig((at, value) -> at == register ? Long.decode(stuckAt) : value, 100)) {
                fails(rig, Errno.ETIMEDOUT);
            }
        }

        @Test
        void anUnacknowledgedInterruptControlIsOnlyAWarning() {
            try (Rig rig = rig((at, value) -> at == 0x54 ? 0x700 : value, 100).load(Settings.DEFAULT)) {
                assertThat(rig.device.log).contains("failed to enable irqs");
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 2})
        void exhaustedMemoryGivesEverythingBack(int allocations) {
            // A queue is halved until it fits; every refusal counts as one request.
            try (Rig rig = rig((at, value) -> value, allocations)) {
                fails(rig, Errno.ENOMEM);
            }
        }

        @Test
        void aTinyCommandQueueIsRefused() {
            try (Rig rig = rig((at, value) -> at == 4 ? value & ~(0x1f << 21) | 6 << 21 : value, 100)) {
                fails(rig, Errno.ENXIO);
            }
        }

        @Test
        void aUnitThatFirmwareLeftOnIsStoppedWithAbortFirst() {
            try (Rig rig = Rig.model(Rig.LIKE_QEMU)) {
                Mmio registers = rig.device.registers(0);
                registers.write32(0x20, 1);
                rig.sim().clearFindings();
                rig.load(Settings.DEFAULT);
                assertThat(rig.device.log).contains("SMMU currently enabled! Resetting...");
                assertThat(registers.read32(0x44)).isEqualTo(0x100000);
            }
        }
    }

    @Nested
    class Later {

        @Test
        void exhaustedIdentifiersAndMemoryGiveNoDomainAndKeepTheOldOne() {
            try (Rig rig = rig((at, value) -> value, 6).load(Settings.DEFAULT)) {
                RigClient client = rig.client(8);
                assertThat(rig.attach(client)).isNotNull();
                assertThat(rig.ops().allocate(DomainType.DMA, client)).isNull();
                assertThat(rig.driver().asidsInUse()).isEqualTo(1);
            }
        }

        @Test
        void suspendAndResumeKeepTheStreams() {
            try (Rig rig = Rig.model(Rig.LIKE_QEMU).load(Settings.DEFAULT)) {
                RigClient client = rig.client(8);
                rig.attach(client).map(0x1000, 0x7000_0000L, 0x1000, 1, 3);
                rig.bound().binding().suspend();
                rig.sim().resetAll();
                rig.bound().binding().resume();
                assertThat(rig.master(8).write(0, 0x1000, new byte[4]).ok()).isTrue();
                assertThat(rig.master(8).write(0, 0x2000, new byte[4]).ok()).isFalse();
                assertThat(rig.rules()).isEmpty();
            }
        }
    }
}
