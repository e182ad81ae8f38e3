package org.latebind.devicetree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and malicious trees: one documented error or a sound tree, with bounded memory. The timeouts only catch hangs. */
class HostileInputTest {

    private static final int COMPILED = Integer.getInteger("latebind.mutations", 20_000);
    private static final int SOURCES = 2_000;
    private static final long SEED = Long.getLong("latebind.seed", 20190516L);
    /** Bytes that may be allocated for one tree of at most 160 kB, with all questions asked of it. */
    private static final long ALLOCATION_MAX = 96L << 20;
    private static final int[] WORDS = {0, 1, 2, 3, 4, 9, 16, 17, 39, 40, 63, 64, 255, 0x7fffffff, 0x80000000, -1, -4, -8,
        0x7ffffffc};

    @Test
    @Timeout(300)
    void mutatedCompiledTreesEndInATreeOrInTheDocumentedError() throws IOException {
        List<byte[]> seeds = compiledSeeds();
        int refused = 0;
        for (int i = 0; i < COMPILED; i++) {
            Random random = new Random(SEED + i);
            byte[] data = mutate(seeds.get(i % seeds.size()), random);
            long before = allocated();
            try {
                DeviceTree tree = DtbReader.read("mutated", data);
                if (i % 8 == 0) {
                    askEverything(tree);
                }
            } catch (DeviceTreeException e) {
                assertThat(e.getMessage()).as("seed %d", SEED + i).matches("mutated: offset 0x[0-9a-f]+: [^\n]+");
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + (SEED + i), e);
            }
            assertThat(allocated() - before).as("bytes allocated, seed %d", SEED + i).isLessThan(ALLOCATION_MAX);
        }
        assertThat(refused).isBetween(COMPILED / 10, COMPILED * 9 / 10);
    }

    @Test
    @Timeout(300)
    void mutatedSourcesEndInATreeOrInTheDocumentedError() throws IOException {
        List<byte[]> seeds = sourceSeeds();
        int refused = 0;
        for (int i = 0; i < SOURCES; i++) {
            Random random = new Random(SEED + i);
            String text = new String(mutateText(seeds.get(i % seeds.size()), random), StandardCharsets.ISO_8859_1);
            long before = allocated();
            try {
                DeviceTree tree = DtsReader.read("mutated", text);
                askEverything(tree);
                DeviceTree again = DtbReader.read("again", DtbWriter.write(tree));
                assertThat(LibfdtTest.content(again)).isEqualTo(LibfdtTest.content(tree));
            } catch (DeviceTreeException e) {
                assertThat(e.getMessage()).as("seed %d", SEED + i).doesNotContain("\n").matches(".*:\\d+:\\d+: .+");
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + (SEED + i), e);
            }
            assertThat(allocated() - before).as("bytes allocated, seed %d", SEED + i).isLessThan(ALLOCATION_MAX);
        }
        assertThat(refused).isBetween(SOURCES / 10, SOURCES * 99 / 100);
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] data = DtbWriter.write(DtsReader.read(Path.of("../boards/teaching.dts")));
        for (int length = 0; length < data.length; length++) {
            byte[] part = Arrays.copyOf(data, length);
            assertThatThrownBy(() -> DtbReader.read("cut", part)).isInstanceOf(DeviceTreeException.class);
        }
    }

    @Test
    void aTreeNestedTooDeepIsRefused() {
        String deep = "/dts-v1/; / { " + "n { ".repeat(64) + "}; ".repeat(64) + "};";
        assertThatThrownBy(() -> DtsReader.read("deep", deep)).hasMessageContaining("nested deeper than 64");
        byte[] data = DtbWriter.write(DtsReader.read("ok", "/dts-v1/; / { " + "n { ".repeat(63) + "}; ".repeat(63) + "};"));
        assertThat(DtbReader.read("deep", data).size()).isEqualTo(64);
        ByteBuffer structure = ByteBuffer.allocate(70 * 8 + 4);
        for (int i = 0; i < 70; i++) {
            structure.putInt(1).putInt(i == 0 ? 0 : 0x61000000);
        }
        assertThatThrownBy(() -> DtbReader.read("deep", wrap(structure.array()))).hasMessageContaining("nested deeper than 64");
    }

    @Test
    void pathsThatTogetherWouldFillTheMemoryAreRefused() {
        String name = "n".repeat(255);
        StringBuilder text = new StringBuilder("/dts-v1/; / { " + (name + " { ").repeat(62));
        for (int i = 0; i < 3000; i++) {
            text.append("x").append(i).append(" {}; ");
        }
        text.append("};".repeat(63));
        assertThatThrownBy(() -> DtsReader.read("wide", text.toString())).hasMessageContaining("paths of all nodes are longer");
        String many = "/dts-v1/; / { " + (name + " { ").repeat(62) + "x: y {}; " + "};".repeat(62) + "}; / { p = &x"
            + ", &x".repeat(2000) + "; };";
        assertThatThrownBy(() -> DtsReader.read("long", many)).hasMessageContaining("paths of all references are longer");
    }

    @Test
    void aDeeplyNestedExpressionIsRefused() {
        String text = "/dts-v1/; / { a = <" + "(".repeat(100_000) + "1" + ")".repeat(100_000) + ">; };";
        assertThatThrownBy(() -> DtsReader.read("deep", text)).hasMessageContaining("an expression is nested deeper than 256");
        String minus = "/dts-v1/; / { a = <(" + "-".repeat(100_000) + "1)>; };";
        assertThatThrownBy(() -> DtsReader.read("deep", minus)).hasMessageContaining("an expression is nested deeper than 256");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "missing.dtb"})
    void aDirectoryOrAMissingFileIsOneLine(String name) {
        Path path = Path.of("src/test/resources/devicetree").resolve(name);
        assertThatThrownBy(() -> DeviceTreeFile.read(path)).isInstanceOf(DeviceTreeException.class)
            .hasMessage(path + (name.isEmpty() ? ": is a directory" : ": no such file"));
    }

    private static byte[] wrap(byte[] structure) {
        ByteBuffer out = ByteBuffer.allocate(56 + structure.length);
        out.putInt(DtbReader.MAGIC).putInt(out.capacity()).putInt(56).putInt(out.capacity()).putInt(40);
        out.putInt(17).putInt(16).putInt(0).putInt(0).putInt(structure.length).putLong(0).putLong(0);
        return out.put(structure).array();
    }

    private static List<byte[]> compiledSeeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (String board : List.of("teaching", "salvator-xs-h3", "salvator-xs-m3w")) {
            seeds.add(DtbWriter.write(DtsReader.read(Path.of("../boards/" + board + ".dts"))));
        }
        Path folder = Boards.shared().resolve("data/dtb");
        if (Files.isDirectory(folder)) {
            for (Path file : Boards.all()) {
                seeds.add(Files.readAllBytes(file));
            }
        }
        return seeds;
    }

    private static List<byte[]> sourceSeeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (Path folder : List.of(Path.of("../boards"), Path.of("src/test/resources/devicetree/dts/good"))) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(f -> f.toString().endsWith(".dts")).sorted().toList()) {
                    seeds.add(Files.readAllBytes(file));
                }
            }
        }
        return seeds;
    }

    private static byte[] mutate(byte[] seed, Random random) {
        byte[] data = seed.clone();
        int changes = 1 + random.nextInt(6);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(4) == 0 ? random.nextInt(40) : random.nextInt(data.length);
            switch (random.nextInt(6)) {
                case 0 -> data[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> data[at] = (byte) random.nextInt();
                case 2 -> put(data, at & ~3, WORDS[random.nextInt(WORDS.length)]);
                case 3 -> put(data, at & ~3, random.nextInt(data.length * 2));
                case 4 -> {
                    int length = Math.min(random.nextInt(64), data.length - at);
                    System.arraycopy(data, random.nextInt(data.length - length + 1), data, at, length);
                }
                default -> {
                    if (random.nextInt(8) == 0) {
                        data = Arrays.copyOf(data, Math.max(41, at));
                    }
                }
            }
        }
        return data;
    }

    private static void put(byte[] data, int at, int word) {
        if (at <= data.length - 4) {
            ByteBuffer.wrap(data).putInt(at, word);
        }
    }

    private static byte[] mutateText(byte[] seed, Random random) {
        byte[] pieces = "{}<>()[];:,=&/\"'\\#*?-~!@x0 \n".getBytes(StandardCharsets.ISO_8859_1);
        byte[] data = seed.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(data.length);
            switch (random.nextInt(4)) {
                case 0 -> data[at] = pieces[random.nextInt(pieces.length)];
                case 1 -> data[at] = (byte) random.nextInt();
                case 2 -> {
                    int length = Math.min(1 + random.nextInt(200), data.length - at);
                    byte[] more = Arrays.copyOf(data, data.length + length);
                    int from = random.nextInt(data.length - length + 1);
                    System.arraycopy(data, at, more, at + length, data.length - at);
                    System.arraycopy(data, from, more, at, length);
                    data = more;
                }
                default -> {
                    int length = Math.min(1 + random.nextInt(40), data.length - at - 1);
                    byte[] less = Arrays.copyOf(data, data.length - length);
                    System.arraycopy(data, at + length, less, at, data.length - at - length);
                    data = less;
                }
            }
        }
        return data;
    }

    /** Asks all that can be asked of a tree; whatever the tree says, no question may throw. */
    private static void askEverything(DeviceTree tree) {
        Inspection.of("mutated", tree).toMap();
        for (Node node : tree.nodes()) {
            LinuxDeviceName.of(node);
            node.reg();
            ReferenceList.interrupts(tree, node);
            IommuMap map = IommuMap.of(tree, node, IommuMap.Reading.TARGET_CELLS);
            if (map != null) {
                map.translate(0x100);
            }
            tree.resolve(node.name());
        }
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
