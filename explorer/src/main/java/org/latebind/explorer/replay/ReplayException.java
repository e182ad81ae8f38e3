package org.latebind.explorer.replay;

/** A schedule that does not fit the board or the modules. The message is one line that names the schedule and the line. */
public final class ReplayException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Makes one. */
    public ReplayException(String message) {
        super(message);
    }
}
