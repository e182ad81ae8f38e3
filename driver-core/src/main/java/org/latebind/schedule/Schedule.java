package org.latebind.schedule;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.latebind.driver.Errno;

/**
 * A schedule: plain text, one event a line, {@code #} comments. Immutable.
 *
 * @param source name for messages, usually the file
 * @param steps  in order
 */
public record Schedule(String source, List<Step> steps) {

    /** Longest schedule that is read, in bytes. */
    public static final int SIZE_MAX = 4 << 20;
    private static final double MICROS_PER_SECOND = 1e6;
    private static final double SECONDS_MAX = 1e9;

    /** Copies. */
    public Schedule {
        steps = List.copyOf(steps);
    }

    /**
     * One line.
     *
     * @param line     line number, from 1
     * @param atMicros virtual time of the event, or -1 for "right after the one before"
     * @param event    the event; not null
     */
    public record Step(int line, long atMicros, ScheduleEvent event) {
    }

    /**
     * Reads a file.
     *
     * @throws ScheduleException with file and line when it is no schedule
     * @throws IOException       when it cannot be read
     */
    public static Schedule read(Path file) throws IOException {
        if (Files.size(file) > SIZE_MAX) {
            throw new ScheduleException(file.toString(), 1, "larger than " + SIZE_MAX + " bytes");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            return parse(file.toString(), StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            throw new ScheduleException(file.toString(), 1, "is not text in UTF-8");
        }
    }

    /** Reads a text; errors as in {@link #read}. */
    public static Schedule parse(String source, String text) {
        List<Step> steps = new ArrayList<>();
        long last = -1;
        String[] lines = text.split("\r?\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = withoutComment(lines[i]).strip();
            if (line.isEmpty()) {
                continue;
            }
            Step step = new Line(source, i + 1, line).parse();
            if (step.atMicros() >= 0 && step.atMicros() < last) {
                throw new ScheduleException(source, i + 1,
                        "time goes back from " + seconds(last) + " to " + seconds(step.atMicros()));
            }
            last = Math.max(last, step.atMicros());
            steps.add(step);
        }
        return new Schedule(source, steps);
    }

    private static String withoutComment(String line) {
        // Node names may hold '#' in theory; a comment starts a line or follows white space.
        for (int i = line.indexOf('#'); i >= 0; i = line.indexOf('#', i + 1)) {
            if (i == 0 || Character.isWhitespace(line.charAt(i - 1))) {
                return line.substring(0, i);
            }
        }
        return line;
    }

    /** Prints the schedule in its own language; {@link #parse} reads it back. */
    public String format() {
        StringBuilder text = new StringBuilder();
        for (Step step : steps) {
            text.append(format(step)).append('\n');
        }
        return text.toString();
    }

    /** One step in the schedule language, without a line end. */
    public static String format(Step step) {
        String text = format(step.event());
        return step.atMicros() < 0 ? text : text + " at " + seconds(step.atMicros());
    }

    /** One event in the schedule language. */
    public static String format(ScheduleEvent event) {
        if (event instanceof ScheduleEvent.Load e) {
            return "load " + e.module();
        } else if (event instanceof ScheduleEvent.Unload e) {
            return "unload " + e.module();
        } else if (event instanceof ScheduleEvent.LateInit) {
            return "late-init";
        } else if (event instanceof ScheduleEvent.Init) {
            return "init";
        } else if (event instanceof ScheduleEvent.Expire) {
            return "expire";
        } else if (event instanceof ScheduleEvent.Register) {
            return "register";
        } else if (event instanceof ScheduleEvent.Advance e) {
            return "advance " + seconds(e.micros());
        } else if (event instanceof ScheduleEvent.Bind e) {
            return "bind " + e.device() + (e.driver() == null ? "" : " " + e.driver());
        } else if (event instanceof ScheduleEvent.Unbind e) {
            return "unbind " + e.device();
        } else if (event instanceof ScheduleEvent.DriverOverride e) {
            return "override " + e.device() + (e.driver() == null ? "" : " " + e.driver());
        } else if (event instanceof ScheduleEvent.Fail e) {
            return "fail " + e.driver() + " " + e.device() + " " + (e.errno() == null ? "0" : e.errno());
        } else if (event instanceof ScheduleEvent.Suspend) {
            return "suspend";
        } else if (event instanceof ScheduleEvent.Resume) {
            return "resume";
        } else if (event instanceof ScheduleEvent.Param e) {
            return "param " + e.name() + "=" + e.value();
        }
        ScheduleEvent.Dma e = (ScheduleEvent.Dma) event;
        return "dma " + e.device() + " " + String.join(" ", e.words());
    }

    private static String seconds(long micros) {
        String text = String.format(java.util.Locale.ROOT, "%d.%06d", micros / 1_000_000, micros % 1_000_000);
        return text.replaceAll("\\.?0+$", "");
    }

    /** One line being read. */
    private record Line(String source, int number, String text) {

        Step parse() {
            List<String> words = new ArrayList<>(Arrays.asList(text.split("\\s+")));
            String verb = words.remove(0);
            long at = -1;
            // A dma line is free text behind the device: no "at" is looked for in it.
            if (!"dma".equals(verb) && words.size() >= 2 && "at".equals(words.get(words.size() - 2))) {
                at = micros(words.remove(words.size() - 1));
                words.remove(words.size() - 1);
            }
            return new Step(number, at, event(verb, words));
        }

        private ScheduleEvent event(String verb, List<String> words) {
            return switch (verb) {
                case "load" -> new ScheduleEvent.Load(one(verb, words, "MODULE"));
                case "unload" -> new ScheduleEvent.Unload(one(verb, words, "MODULE"));
                case "late-init" -> none(verb, words, new ScheduleEvent.LateInit());
                case "init" -> none(verb, words, new ScheduleEvent.Init());
                case "expire" -> none(verb, words, new ScheduleEvent.Expire());
                case "register" -> none(verb, words, new ScheduleEvent.Register());
                case "suspend" -> none(verb, words, new ScheduleEvent.Suspend());
                case "resume" -> none(verb, words, new ScheduleEvent.Resume());
                case "advance" -> new ScheduleEvent.Advance(micros(one(verb, words, "SECONDS")));
                case "bind" -> {
                    count(verb, words, 1, 2, "DEVICE [DRIVER]");
                    yield new ScheduleEvent.Bind(words.get(0), words.size() == 2 ? words.get(1) : null);
                }
                case "unbind" -> new ScheduleEvent.Unbind(one(verb, words, "DEVICE"));
                case "override" -> {
                    count(verb, words, 1, 2, "DEVICE [DRIVER]");
                    yield new ScheduleEvent.DriverOverride(words.get(0), words.size() == 2 ? words.get(1) : null);
                }
                case "fail" -> {
                    count(verb, words, 3, 3, "DRIVER DEVICE ERRNO");
                    yield new ScheduleEvent.Fail(words.get(0), words.get(1), errno(words.get(2)));
                }
                case "param" -> param(one(verb, words, "NAME=VALUE"));
                case "dma" -> {
                    count(verb, words, 2, Integer.MAX_VALUE, "DEVICE TRANSFER...");
                    yield new ScheduleEvent.Dma(words.get(0), words.subList(1, words.size()));
                }
                default -> throw wrong("unknown event \"" + verb + "\"; known: load, unload, late-init, init, expire, register, "
                        + "advance, bind, unbind, override, fail, suspend, resume, param, dma");
            };
        }

        private ScheduleException wrong(String what) {
            return new ScheduleException(source, number, what);
        }

        private void count(String verb, List<String> words, int least, int most, String shape) {
            if (words.size() < least || words.size() > most) {
                String time = most == Integer.MAX_VALUE ? "" : " and optionally \"at SECONDS\"";
                throw wrong("\"" + verb + "\" takes " + shape + time);
            }
        }

        private String one(String verb, List<String> words, String shape) {
            count(verb, words, 1, 1, shape);
            return words.get(0);
        }

        private ScheduleEvent none(String verb, List<String> words, ScheduleEvent event) {
            count(verb, words, 0, 0, "no argument");
            return event;
        }

        private ScheduleEvent param(String word) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw wrong("\"param\" takes NAME=VALUE, not \"" + word + "\"");
            }
            return new ScheduleEvent.Param(word.substring(0, equals), word.substring(equals + 1));
        }

        private Errno errno(String word) {
            if ("0".equals(word)) {
                return null;
            }
            for (Errno errno : Errno.values()) {
                if (errno.name().equals(word) || Integer.toString(errno.number()).equals(word)) {
                    if (errno == Errno.EPROBE_DEFER) {
                        throw wrong("EPROBE_DEFER is no failure");
                    }
                    return errno;
                }
            }
            throw wrong("unknown error \"" + word + "\"; use a name such as EIO, a number, or 0 to lift it");
        }

        private long micros(String word) {
            if (!word.matches("[+-]?[0-9]+(\\.[0-9]{1,6})?")) {
                throw wrong("\"" + word + "\" is no time in seconds with up to six decimals");
            }
            double seconds = Double.parseDouble(word);
            if (seconds >= 0 && seconds <= SECONDS_MAX) {
                return Math.round(seconds * MICROS_PER_SECOND);
            }
            throw wrong("a time of " + word + " seconds is out of range");
        }
    }
}
