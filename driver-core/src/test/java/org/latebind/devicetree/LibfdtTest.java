package org.latebind.devicetree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every real tree, compared with what libfdt says of it. */
class LibfdtTest {

    @BeforeAll
    static void libfdtIsThere() {
        Tool.assumeLibfdt();
    }

    static Stream<Path> boards() {
        return Boards.all().stream();
    }

    @ParameterizedTest
    @MethodSource("boards")
    void everyNodeAndPropertyIsTheSameInTheSameOrder(Path file) {
        assertThat(content(DtbReader.read(file)).lines().toList()).isEqualTo(Tool.libfdt("content", file).lines().toList());
    }

    @ParameterizedTest
    @MethodSource("boards")
    void theInspectionIsTheSameDocument(Path file) {
        Inspection inspection = Inspection.of(file.toString(), DtbReader.read(file));
        assertThat(json(inspection.toMap())).isEqualTo(Tool.libfdt("inspect", file).strip());
        assertThat(inspection.problems()).isEmpty();
    }

    static String content(DeviceTree tree) {
        StringBuilder text = new StringBuilder();
        for (MemoryReservation r : tree.reservations()) {
            text.append(String.format("R %x %x%n", r.address(), r.sizeBytes()));
        }
        for (Node node : tree.nodes()) {
            text.append("N ").append(node.path()).append('\n');
            for (Property p : node.properties()) {
                text.append("P ").append(p.name()).append(' ').append(HexFormat.of().formatHex(p.bytes())).append('\n');
            }
        }
        return text.toString();
    }

    private static String json(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            out.append('{');
            Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
            while (entries.hasNext()) {
                Map.Entry<?, ?> entry = entries.next();
                write(entry.getKey(), out);
                out.append(':');
                write(entry.getValue(), out);
                out.append(entries.hasNext() ? "," : "");
            }
            out.append('}');
        } else if (value instanceof List<?> list) {
            out.append('[');
            for (int i = 0; i < list.size(); i++) {
                out.append(i > 0 ? "," : "");
                write(list.get(i), out);
            }
            out.append(']');
        } else if (value instanceof String text) {
            out.append('"').append(text.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
        } else {
            out.append(value);
        }
    }
}
