package org.latebind.explorer.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.latebind.probe.Board;
import org.latebind.probe.ModuleCatalogue;

/** A certificate in a file, plain or compressed. Open, look at the header, get board and modules, verify, close. One thread. */
public final class Certificate implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path file;
    private final BufferedReader in;
    private final JsonNode header;
    private int line;

    /**
     * What a verification has shown.
     *
     * @param problem     why the certificate does not hold, with its line; null when it holds
     * @param verdict     what is proven when it holds
     * @param cones       cones checked
     * @param states      states checked
     * @param transitions events run
     * @param schedules   schedules replayed
     */
    public record Result(String problem, String verdict, int cones, long states, long transitions, int schedules) {
        /** Whether the certificate holds. */
        public boolean verified() {
            return problem == null;
        }
    }

    private Certificate(Path file, BufferedReader in) {
        this.file = file;
        this.in = in;
        header = next();
        if (!header.path("certificate").asText().equals("latebind-explore") || header.path("version").asInt() != 1) {
            throw new CertificateException(file + ":1: no certificate of an exploration, version 1");
        }
    }

    /**
     * Opens a file and reads its header.
     *
     * @throws CertificateException when it cannot be read or is no certificate
     */
    public static Certificate open(Path file) {
        try {
            InputStream raw = new BufferedInputStream(Files.newInputStream(file));
            raw.mark(2);
            boolean compressed = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            InputStream plain = compressed ? new GZIPInputStream(raw) : raw;
            return new Certificate(file, new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new CertificateException(file + ": cannot be read: " + (!Files.exists(file) ? "no such file"
                    : Files.isDirectory(file) ? "is a directory" : e.getMessage()));
        }
    }

    /** One of {@code board}, {@code modules}, {@code builtins}, {@code population}: what was explored; null when not given. */
    public String input(String name) {
        return header.path("inputs").path(name).asText(null);
    }

    /** Name of the policy. */
    public String policy() {
        return header.path("policy").asText();
    }

    /**
     * Checks every line.
     *
     * @throws CertificateException when the file is truncated or malformed, or speaks of another board or other modules
     */
    public Result verify(Board board, ModuleCatalogue catalogue) {
        same("boardDigest", Digests.of(board), "another board");
        same("modulesDigest", Digests.of(catalogue), "other modules");
        try {
            CertificateCheck check = new CertificateCheck(new CheckedMachine(board, catalogue, header), header);
            try {
                while (!check.ended()) {
                    check.take(next());
                }
            } catch (Refusal e) {
                return check.result(file + ":" + line + ": " + check.place() + e.getMessage());
            }
            if (in.readLine() != null) {
                throw new CertificateException(file + ":" + (line + 1) + ": something follows the end");
            }
            return check.result(null);
        } catch (IllegalArgumentException | NullPointerException | IndexOutOfBoundsException e) {
            throw new CertificateException(file + ":" + line + ": malformed: " + e.getMessage());
        } catch (IOException e) {
            throw new CertificateException(file + ": cannot be read after line " + line);
        }
    }

    private void same(String key, String digest, String other) {
        if (!header.path(key).asText().equals(digest)) {
            throw new CertificateException(file + ":1: " + other + ": " + key + " is " + header.path(key).asText()
                + ", given is " + digest);
        }
    }

    private JsonNode next() {
        try {
            String text = in.readLine();
            if (text == null) {
                throw new CertificateException(file + ": truncated after line " + line);
            }
            line++;
            JsonNode node = MAPPER.readTree(text);
            if (node == null || !node.isObject()) {
                throw new CertificateException(file + ":" + line + ": not a JSON object");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new CertificateException(file + ":" + line + ": truncated or not JSON");
        } catch (EOFException | ZipException e) {
            throw new CertificateException(file + ": truncated after line " + line);
        } catch (IOException e) {
            throw new CertificateException(file + ": cannot be read after line " + line);
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new CertificateException(file + ": cannot be closed");
        }
    }
}
