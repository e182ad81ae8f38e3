package org.latebind.console.web;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;

/**
 * Who may ask for what. The page listens on the loopback address only; the name in {@code Host} keeps out other names that
 * were made to resolve to it, the origin keeps out other pages, the token keeps out other users of this computer.
 *
 * @param port  port of the page
 * @param token what a state-changing request has to present; not null, not empty
 */
record Access(int port, String token) {

    /** Longest body of a request, in bytes. */
    static final int BODY_MAX = 16 * 1024;

    Access {
        if (token == null || token.isEmpty()) {
            throw new IllegalArgumentException("a token is needed");
        }
    }

    /** An answer: allowed, or an HTTP status with a sentence. */
    record Verdict(int status, String text) {

        static final Verdict ALLOWED = new Verdict(200, "");

        boolean allowed() {
            return status == 200;
        }
    }

    private Set<String> hosts() {
        return Set.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port);
    }

    /** Judges a request that only reads; {@code host} is the header, or null. */
    Verdict read(String host) {
        return host != null && hosts().contains(host) ? Verdict.ALLOWED
                : new Verdict(421, "this page answers on the loopback address only");
    }

    /**
     * Judges a request that changes something, before its body is read.
     *
     * @param origin      header {@code Origin}, or null
     * @param presented   the token presented, or null
     * @param contentType header {@code Content-Type}, or null
     * @param length      announced length of the body, -1 when unknown
     */
    Verdict change(String host, String origin, String presented, String contentType, long length) {
        Verdict read = read(host);
        if (!read.allowed()) {
            return read;
        }
        if (length > BODY_MAX) {
            return tooLarge();
        }
        if (origin == null || !origin.equals("http://" + host)) {
            return new Verdict(403, "commands are taken from this page only, not from origin " + origin);
        }
        if (presented == null || !same(presented, token)) {
            return new Verdict(401, "the token of this run is missing or wrong; it is in the address the program printed");
        }
        if (contentType == null || !contentType.toLowerCase(java.util.Locale.ROOT).startsWith("application/json")) {
            return new Verdict(415, "a command is application/json");
        }
        return Verdict.ALLOWED;
    }

    static Verdict tooLarge() {
        return new Verdict(413, "a command has at most " + BODY_MAX + " bytes");
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
