package org.latebind.launcher;

/** Input that cannot be used. The message is the one line the user sees; it names the file and the place. */
final class BadInput extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BadInput(String message) {
        super(message, null, false, false);
    }
}
