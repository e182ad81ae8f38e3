package org.latebind.explorer;

/** What a run has shown. */
public enum Verdict {
    /** Proven: every device ends the same way in every order. */
    ORDER_INDEPENDENT("order-independent"),
    /** At least one device ends differently in different orders; each way has a replayed schedule. */
    ORDER_DEPENDENT("order-dependent"),
    /** A limit was reached; nothing is proven. */
    LIMIT("limit");

    private final String word;

    Verdict(String word) {
        this.word = word;
    }

    /** The word of JSON and of the command line. */
    public String word() {
        return word;
    }
}
