package org.latebind.machine.qemu;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what QEMU's SMMU traces of its translations, from where the last reading ended. Not thread safe. */
final class TranslationTrace {

    private static final Pattern LINE = Pattern.compile(
            "smmuv3_translate_(\\w+) \\S+ sid=0x([0-9a-f]+) .*?iova[:=]0x([0-9a-f]+)(?: translated=0x([0-9a-f]+))?.*");

    private final Path file;
    private long position;

    TranslationTrace(Path file) {
        this.file = file;
    }

    /**
     * One translation QEMU made.
     *
     * @param outcome    {@code success}, {@code bypass}, {@code disable} or {@code abort}
     * @param sid        stream id
     * @param iova       input address
     * @param translated output address; the input address unless {@code success}
     */
    record Step(String outcome, int sid, long iova, long translated) {
    }

    /** Forgets what was traced so far. */
    void skip() {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            position = in.length();
        } catch (IOException e) {
            throw new QemuException("cannot read QEMU's trace", e);
        }
    }

    /** What was traced since the last call. */
    List<Step> take() {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(position);
            byte[] bytes = new byte[(int) (in.length() - position)];
            in.readFully(bytes);
            position += bytes.length;
            List<Step> steps = new ArrayList<>();
            new String(bytes, StandardCharsets.US_ASCII).lines().forEach(line -> parse(line, steps));
            return steps;
        } catch (IOException e) {
            throw new QemuException("cannot read QEMU's trace", e);
        }
    }

    private static void parse(String line, List<Step> into) {
        Matcher m = LINE.matcher(line);
        if (m.matches()) {
            long iova = Long.parseUnsignedLong(m.group(3), 16);
            into.add(new Step(m.group(1), Integer.parseInt(m.group(2), 16), iova,
                    m.group(4) == null ? iova : Long.parseUnsignedLong(m.group(4), 16)));
        }
    }
}
