package org.latebind.machine.qemu;

/** QEMU is not there, did not start, or went away; the message is one line for people. */
public final class QemuException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    QemuException(String message) {
        super(message);
    }

    QemuException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
