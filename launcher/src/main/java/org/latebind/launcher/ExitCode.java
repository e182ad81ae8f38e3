package org.latebind.launcher;

/** Exit codes of every command; a stable contract. */
final class ExitCode {

    /** Done, or proven. */
    static final int OK = 0;
    /** A finding. */
    static final int FINDING = 1;
    /** Bad input; nothing was started. */
    static final int BAD_INPUT = 2;
    /** A limit was reached, therefore nothing is proven. */
    static final int LIMIT = 3;
    /** A defect of Latebind itself. */
    static final int INTERNAL = 4;

    private ExitCode() {
    }
}
