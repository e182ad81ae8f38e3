package org.latebind.schedule;

/** A schedule that cannot be read. The message is one line that names the file and the line. */
public final class ScheduleException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param source name of the file; not null
     * @param line   line number, from 1
     * @param text   what is wrong; not null
     */
    public ScheduleException(String source, int line, String text) {
        super(source + ":" + line + ": " + text);
    }
}
