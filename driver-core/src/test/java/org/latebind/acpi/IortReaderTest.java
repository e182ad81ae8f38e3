package org.latebind.acpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A table compiled by iasl, read and asked. */
class IortReaderTest {

    private static final int SMMU3 = 72;
    private static final int SMMU3_MSI = 160;
    private static final int SMMU2 = 268;

    @TempDir
    private static Path folder;
    private static byte[] compiled;
    private static IortTable table;

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/iasl")), "no iasl (Debian package acpica-tools)");
        Path source = Files.copy(Path.of("src/test/resources/acpi/iort.asl"), folder.resolve("iort.asl"));
        Process iasl = new ProcessBuilder("/usr/bin/iasl", "-p", folder.resolve("iort").toString(), source.toString())
            .redirectErrorStream(true).redirectOutput(folder.resolve("iasl.log").toFile()).start();
        assertThat(iasl.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(iasl.exitValue()).as(Files.readString(folder.resolve("iasl.log"))).isZero();
        compiled = Files.readAllBytes(folder.resolve("iort.aml"));
        table = IortReader.read(folder.resolve("iort.aml"));
    }

    @Nested
    class Nodes {

        @Test
        void everyNodeIsReadWithItsContent() {
            assertThat(table.nodes()).hasSize(10);
            assertThat(table.nodes().get(0).content()).isEqualTo(new IortNode.ItsGroup(List.of(7)));
            assertThat(table.at(SMMU3).content())
                .isEqualTo(new IortNode.SmmuV3(0x9050000L, 0, true, 0x6a, 0x6b, 0x6d, 0x6c, -1));
            assertThat(table.at(SMMU3_MSI).content()).isEqualTo(new IortNode.SmmuV3(0x9070000L, 0, false, 0, 0, 0, 0, 1));
            assertThat(table.at(SMMU2).content())
                .isEqualTo(new IortNode.SmmuV2(0x2b400000L, 0x10000, 2, true, List.of(0x45), List.of()));
            assertThat(table.rootComplex(0).content()).isEqualTo(new IortNode.RootComplex(0, true, true, 48));
            assertThat(table.rootComplex(1).content()).isEqualTo(new IortNode.RootComplex(1, true, false, 0));
            assertThat(table.namedComponent("\\_SB.DMA0").content())
                .isEqualTo(new IortNode.NamedComponent("\\_SB.DMA0", false, 40));
            assertThat(table.nodes().get(9).content()).isEqualTo(new IortNode.PerformanceMonitor(0x9062000L, 0, 0));
        }

        @Test
        void reservedMemoryIsReadThoughTheCompilerCannotWriteIt() {
            ByteBuffer node = ByteBuffer.allocate(68).order(ByteOrder.LITTLE_ENDIAN);
            node.put((byte) 6).putShort((short) 68).put((byte) 1).putInt(0).putInt(1).putInt(48).putInt(1).putInt(1).putInt(28);
            node.putLong(0x80000000L).putLong(0x100000).putInt(0).putInt(0).putInt(0).putInt(5).putInt(SMMU3).putInt(1);
            IortTable with = IortReader.read("rmr", append(node.array()));
            IortNode last = with.nodes().get(10);
            assertThat(last.content())
                .isEqualTo(new IortNode.ReservedMemory(true, List.of(new IortNode.Range(0x80000000L, 0x100000))));
            assertThat(last.mappings()).containsExactly(new IdMapping(0, 0, 5, SMMU3, true));
        }

        @Test
        void aTypeFromTheFutureIsKeptAsSuch() {
            byte[] node = new byte[24];
            node[0] = 99;
            node[1] = 24;
            assertThat(IortReader.read("future", append(node)).nodes().get(10).content()).isEqualTo(new IortNode.Other(99));
        }
    }

    @Nested
    class Mapping {

        @Test
        void aRequesterIdOfARangeIsMoved() {
            assertThat(table.pciStream(0, 0)).contains(stream(SMMU3, 0x100));
            assertThat(table.pciStream(0, 0xff)).contains(stream(SMMU3, 0x1ff));
            assertThat(table.pciStream(0, 0x200)).contains(stream(SMMU3, 0x42));
        }

        @Test
        void anIdOutsideOfAllRangesHasNoWay() {
            assertThat(table.pciStream(0, 0x100)).isEmpty();
            assertThat(table.pciStream(0, 0x201)).isEmpty();
            assertThat(table.pciStream(9, 0)).isEmpty();
        }

        @Test
        void aRangeThatStartsAtTheEndOfAnotherWins() {
            assertThat(table.pciStream(0, 0x3fe)).contains(stream(SMMU2, 0x10fe));
            assertThat(table.pciStream(0, 0x3ff)).contains(stream(SMMU2, 0x2000));
        }

        @Test
        void aWayThatEndsAtTheInterruptControllerLeadsToNoSmmu() {
            assertThat(table.pciStream(1, 5)).isEqualTo(Optional.empty());
        }

        @Test
        void aSingleMappingOfARootComplexTakesEveryId() {
            assertThat(table.pciStream(2, 0x1234)).contains(stream(SMMU2, 0x77));
        }

        @Test
        void aComponentHasTheStreamsOfItsMappingsUpToTheFirstThatLeadsNowhere() {
            assertThat(table.componentStreams("\\_SB.DMA0")).containsExactly(stream(SMMU2, 5), stream(SMMU2, 6));
            assertThat(table.componentStreams("\\_SB.DMA1")).containsExactly(stream(SMMU3, 9));
            assertThat(table.componentStreams("\\_SB.NONE")).isEmpty();
        }

        private IortTable.Stream stream(int smmu, int id) {
            return new IortTable.Stream(table.at(smmu), id);
        }
    }

    @Nested
    class HostileInput {

        @Test
        void everyTruncationIsRefusedWithTheOffset() {
            for (int length = 0; length < compiled.length; length++) {
                byte[] part = Arrays.copyOf(compiled, length);
                assertThatThrownBy(() -> IortReader.read("cut", part)).isInstanceOf(AcpiTableException.class)
                    .message().matches("cut: offset 0x[0-9a-f]+: .+");
            }
        }

        @Test
        void aWrongChecksumIsRefused() {
            byte[] data = compiled.clone();
            data[60] ^= 1;
            assertThatThrownBy(() -> IortReader.read("sum", data)).hasMessage("sum: offset 0x9: wrong checksum");
        }

        @Test
        void aMappingToWhereNoNodeIsIsRefused() {
            byte[] data = compiled.clone();
            data[364 + 36 + 12] = 1;
            assertThatThrownBy(() -> IortReader.read("far", sealed(data)))
                .hasMessage("far: offset 0x16c: an id mapping leads to 0x1, where no node is");
        }

        @Test
        void nodesThatMapToEachOtherForEverEndNowhere() {
            byte[] data = compiled.clone();
            ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putInt(480 + 36 + 12, 480);
            IortTable circle = IortReader.read("circle", sealed(data));
            assertThat(circle.pciStream(1, 5)).isEmpty();
        }

        @Test
        void aDirectoryOrAMissingFileIsOneLine() {
            assertThatThrownBy(() -> IortReader.read(folder)).hasMessage(folder + ": is a directory");
            assertThatThrownBy(() -> IortReader.read(folder.resolve("x"))).hasMessage(folder.resolve("x") + ": no such file");
        }

        @Test
        @Timeout(120)
        void mutatedTablesEndInATableOrInTheDocumentedError() {
            int refused = 0;
            for (int i = 0; i < 20_000; i++) {
                Random random = new Random(i);
                byte[] data = compiled.clone();
                for (int n = 1 + random.nextInt(4); n > 0; n--) {
                    int at = 10 + random.nextInt(data.length - 10);
                    data[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (data[at] ^ 1 << random.nextInt(8));
                }
                try {
                    IortTable mutated = IortReader.read("mutated", sealed(data));
                    mutated.pciStream(0, random.nextInt(0x10000));
                    mutated.componentStreams("\\_SB.DMA0");
                } catch (AcpiTableException e) {
                    assertThat(e.getMessage()).as("seed %d", i).matches("mutated: offset 0x[0-9a-f]+: [^\n]+");
                    refused++;
                } catch (RuntimeException e) {
                    throw new AssertionError("seed " + i, e);
                }
            }
            assertThat(refused).isBetween(1_000, 19_000);
        }
    }

    private static byte[] append(byte[] node) {
        byte[] data = Arrays.copyOf(compiled, compiled.length + node.length);
        System.arraycopy(node, 0, data, compiled.length, node.length);
        ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putInt(4, data.length).putInt(36, 11);
        return sealed(data);
    }

    /** Makes the checksum right, so that what is behind it is reached. */
    private static byte[] sealed(byte[] data) {
        byte sum = 0;
        for (byte b : data) {
            sum += b;
        }
        data[9] -= sum;
        return data;
    }
}
