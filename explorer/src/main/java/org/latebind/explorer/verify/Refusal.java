package org.latebind.explorer.verify;

/** Something a certificate claims is not so. Stays inside this package. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Refusal(String text) {
        super(text, null, false, false);
    }

    static void unless(boolean holds, String text) {
        if (!holds) {
            throw new Refusal(text);
        }
    }
}
