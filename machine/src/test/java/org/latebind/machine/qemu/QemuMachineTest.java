package org.latebind.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.Mmio;

class QemuMachineTest {

    private static final long RAM = 0x7000_0000L;
    private static final String MASTER = "/pcie@10000000@0008";

    private static QemuMachine start() {
        QemuSetup.standard().unavailable().ifPresent(reason -> Assumptions.abort(reason));
        return QemuMachine.start(QemuSetup.standard());
    }

    /** Started as a process of its own; prints the process ids of the watchdog and of QEMU and waits to be killed. */
    static final class Victim {

        private Victim() {
        }

        /** Entry point of the child. */
        public static void main(String[] args) throws Exception {
            QemuMachine machine = QemuMachine.start(QemuSetup.standard());
            ProcessHandle shell = ProcessHandle.of(machine.pid()).orElseThrow();
            StringBuilder line = new StringBuilder().append(machine.pid());
            shell.descendants().forEach(p -> line.append(' ').append(p.pid()));
            System.out.println(line);
            System.out.flush();
            System.in.read();
        }
    }

    @Nested
    class Lifetime {

        @Test
        void closingEndsQemu() throws Exception {
            QemuMachine machine = start();
            List<ProcessHandle> all = processes(machine.pid());
            assertThat(all).hasSizeGreaterThanOrEqualTo(2);
            machine.close();
            machine.close();
            awaitEnd(all);
        }

        @Test
        void qemuEndsWhenTheVirtualMachineIsKilled() throws Exception {
            QemuSetup.standard().unavailable().ifPresent(reason -> Assumptions.abort(reason));
            Process victim = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                    System.getProperty("java.class.path"), Victim.class.getName()).redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader out = new BufferedReader(
                    new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
                String line = out.readLine();
                assertThat(line).isNotNull();
                List<ProcessHandle> all = List.of(line.split(" ")).stream()
                        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream()).toList();
                assertThat(all).hasSizeGreaterThanOrEqualTo(2);
                victim.destroyForcibly().waitFor();
                awaitEnd(all);
            } finally {
                victim.destroyForcibly();
            }
        }

        private List<ProcessHandle> processes(long pid) {
            ProcessHandle shell = ProcessHandle.of(pid).orElseThrow();
            return Stream.concat(Stream.of(shell), shell.descendants()).toList();
        }

        private void awaitEnd(List<ProcessHandle> all) throws Exception {
            CompletableFuture.allOf(all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                    .get(30, TimeUnit.SECONDS);
            assertThat(all).noneMatch(ProcessHandle::isAlive);
        }

        @Test
        void aMissingProgramIsNamedWithItsPackage() {
            QemuSetup setup = new QemuSetup("qemu-system-nowhere", List.of(1), 512);
            assertThat(setup.unavailable()).contains("qemu-system-nowhere is not installed (Debian package qemu-system-arm)");
            assertThatThrownBy(() -> QemuMachine.start(setup)).isInstanceOf(QemuException.class)
                    .hasMessage("qemu-system-nowhere is not installed (Debian package qemu-system-arm)");
        }

        @Test
        void aProgramThatIsNoQemuIsReportedInOneLine() {
            assertThatThrownBy(() -> QemuMachine.start(new QemuSetup("/bin/false", List.of(1), 512)))
                    .isInstanceOf(QemuException.class).hasMessageContaining("/bin/false");
        }
    }

    @Nested
    class AsHardware {

        @Test
        void memoryRegistersAndMastersAnswer() {
            try (QemuMachine machine = start()) {
                machine.memory().write64(RAM, 0x1122334455667788L);
                assertThat(machine.memory().read32(RAM + 4)).isEqualTo(0x11223344);
                assertThat(machine.memory().read16(RAM)).isEqualTo(0x7788);
                assertThat(machine.memory().compareAndExchange64(RAM, 0, 1)).isEqualTo(0x1122334455667788L);
                assertThat(machine.memory().compareAndExchange32(RAM, 0x55667788, 1)).isEqualTo(0x55667788);
                assertThat(machine.memory().read64(RAM)).isEqualTo(0x1122334400000001L);
                assertThatThrownBy(() -> machine.memory().read8(0x1000)).isInstanceOf(ExternalAbortException.class);
                Mmio smmu = machine.map(0x09050000, 0x20000);
                assertThat(smmu.read32(0)).isEqualTo(0x0d40101a);
                assertThatThrownBy(() -> smmu.read32(2)).isInstanceOf(IllegalArgumentException.class);
                assertThat(machine.tree().findCompatible("arm,smmu-v3")).hasSize(1);
                assertThat(machine.masters()).hasSize(3);
                assertThat(machine.master("/nowhere")).isEmpty();
            }
        }

        @Test
        void aMasterMovesWholePagesAndMoreWhileTheSmmuIsOff() {
            try (QemuMachine machine = start()) {
                byte[] data = new byte[10_000];
                new Random(1).nextBytes(data);
                DmaResult written = machine.master(MASTER).orElseThrow().write(0, RAM + 0x123, data);
                assertThat(written.kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
                assertThat(written.transferredBytes()).isEqualTo(data.length);
                byte[] back = new byte[data.length];
                assertThat(machine.master(MASTER).orElseThrow().read(0, RAM + 0x123, back).ok()).isTrue();
                assertThat(back).isEqualTo(data);
                byte[] inMemory = new byte[data.length];
                machine.memory().read(RAM + 0x123, inMemory, 0, inMemory.length);
                assertThat(inMemory).isEqualTo(data);
                assertThat(machine.master(MASTER).orElseThrow().read(0, 0x60_0000_0000L, new byte[4]).kind())
                        .isEqualTo(DmaResult.Kind.EXTERNAL_ABORT);
            }
        }
    }
}
