package org.latebind.explorer;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What searches have found, by the shape of what they searched: a cone that occurs on several boards, or again while repairs are
 * verified, is searched once. Give the same one to explorations of several boards; results do not depend on it. For any threads.
 */
public final class KnownCones {

    private final Map<String, Solution> solutions = new ConcurrentHashMap<>();

    /** Number of different searches so far. */
    public int size() {
        return solutions.size();
    }

    Solution get(String key) {
        return solutions.get(key);
    }

    void put(String key, Solution solution) {
        solutions.put(key, solution);
    }

    /** A short key that stands for a long text. */
    static String key(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * What the searches of one shape have found.
     *
     * @param plain         by watched device: without what happens outside
     * @param wide          by watched device: with outside devices binding at any time; null where that cannot matter
     * @param plainComplete whether the search without the outside ended by itself
     * @param states        states stored
     * @param transitions   events run
     * @param bytes         bytes of what was stored
     */
    record Solution(Search.Found[] plain, Search.Found[] wide, boolean plainComplete, long states, long transitions,
            long bytes) {

        /** Whether all searches ended by themselves. */
        boolean complete() {
            return plainComplete && (wide == null || wide.length == 0 || wide[0].complete());
        }
    }
}
