package org.latebind.machine.smmu3;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Feeds one transcript to a freshly reset model and notes every answer that differs. */
final class TranscriptReplay {

    private static final int EVENT_BYTES = 32;
    private static final int EVENTQ_BASE = 0xa0;
    private static final int EVENTQ_PROD = 0x100a8;
    private static final int EVENTQ_CONS = 0x100ac;

    private final StandAlone unit;
    private int consumedUpTo;

    private TranscriptReplay(Transcript transcript) {
        JsonNode setup = transcript.setup();
        unit = new StandAlone(number(setup, "ramBase"), number(setup, "ramSize"), Map.of(
                "smmu3.idr0", setup.path("idr0").asText(), "smmu3.idr1", setup.path("idr1").asText(),
                "smmu3.idr3", setup.path("idr3").asText(), "smmu3.idr5", setup.path("idr5").asText(),
                "smmu3.aidr", setup.path("aidr").asText(), "smmu3.joint-configuration-cache", "true"));
    }

    /**
     * One answer that differs.
     *
     * @param step     index of the step
     * @param deviates whether the transcript marks the step as not architectural
     * @param text     what was expected and what came
     */
    record Difference(int step, boolean deviates, String text) {
    }

    static List<Difference> run(Transcript transcript) {
        TranscriptReplay replay = new TranscriptReplay(transcript);
        List<Difference> differences = new ArrayList<>();
        int index = 0;
        for (JsonNode step : transcript.steps()) {
            String difference = replay.perform(step);
            if (difference != null) {
                differences.add(new Difference(index, step.path("deviates").asBoolean(), step.path("op").asText() + " "
                        + difference));
            }
            index++;
        }
        return differences;
    }

    private static long number(JsonNode node, String key) {
        return Long.parseUnsignedLong(node.path(key).asText().substring(2), 16);
    }

    private String perform(JsonNode step) {
        return switch (step.path("op").asText()) {
            case "mem_write" -> {
                byte[] bytes = HexFormat.of().parseHex(step.path("hex").asText());
                unit.memory().write(number(step, "addr"), bytes, 0, bytes.length);
                yield null;
            }
            case "mem_read" -> {
                byte[] bytes = new byte[(int) number(step, "len")];
                unit.memory().read(number(step, "addr"), bytes, 0, bytes.length);
                yield compare(step.path("expect").asText(), HexFormat.of().formatHex(bytes));
            }
            case "reg_write" -> {
                unit.registers().write(number(step, "off"), step.path("size").asInt(), number(step, "value"));
                if (number(step, "off") == EVENTQ_CONS) {
                    consumedUpTo = (int) number(step, "value");
                }
                yield null;
            }
            case "reg_read" -> register(step);
            case "dma" -> dma(step);
            case "irq" -> interrupts(step);
            case "events" -> events(step);
            default -> "unknown step";
        };
    }

    private static String compare(String expected, String actual) {
        return expected.equals(actual) ? null : "expected " + expected + ", got " + actual;
    }

    private String register(JsonNode step) {
        long mask = step.has("mask") ? number(step, "mask") : -1L;
        long value = unit.registers().read(number(step, "off"), step.path("size").asInt());
        return compare(Long.toHexString(number(step, "expect") & mask), Long.toHexString(value & mask));
    }

    private String interrupts(JsonNode step) {
        TreeSet<String> expected = new TreeSet<>();
        step.path("expect").forEach(n -> expected.add(n.asText()));
        String difference = compare(expected.toString(), unit.pulsed.toString());
        unit.pulsed.clear();
        return difference;
    }

    private String dma(JsonNode step) {
        boolean write = step.path("dir").asText().equals("write");
        int length = (int) number(step, "len");
        byte[] data = write ? HexFormat.of().parseHex(step.path("data").asText()) : new byte[length];
        boolean ok = unit.transfer((int) number(step, "sid"), number(step, "iova"), data, write);
        String difference = compare(step.path("expect").asText(), ok ? "ok" : "abort");
        return difference == null && ok && step.has("expectData")
                ? compare(step.path("expectData").asText(), HexFormat.of().formatHex(data)) : difference;
    }

    /** Compares the records between what software consumed and EVENTQ_PROD. */
    private String events(JsonNode step) {
        long base = unit.registers().read(EVENTQ_BASE, 8);
        int bits = (int) base & 0x1f;
        int produced = unit.read(EVENTQ_PROD) & (1 << bits + 1) - 1;
        int count = produced - consumedUpTo & (1 << bits + 1) - 1;
        if (count != step.path("expect").size()) {
            return "expected " + step.path("expect").size() + " records, got " + count;
        }
        for (JsonNode event : step.path("expect")) {
            long at = (base & 0x000f_ffff_ffff_ffe0L) + (long) (consumedUpTo & (1 << bits) - 1) * EVENT_BYTES;
            if (at != number(event, "at")) {
                return "expected a record at " + event.path("at").asText() + ", got one at 0x" + Long.toHexString(at);
            }
            for (int word = 0; word < 4; word++) {
                long mask = Long.parseUnsignedLong(event.path("mask").get(word).asText().substring(2), 16);
                long expected = Long.parseUnsignedLong(event.path("dwords").get(word).asText().substring(2), 16);
                long actual = unit.memory().read64(at + 8L * word);
                if (((actual ^ expected) & mask) != 0) {
                    return "word " + word + ": " + compare(Long.toHexString(expected), Long.toHexString(actual));
                }
            }
            consumedUpTo = consumedUpTo + 1 & (1 << bits + 1) - 1;
        }
        return null;
    }
}
