package org.latebind.devicetree;

/**
 * A device tree that cannot be read. The message is one line: the file, the place in it (a byte offset of a compiled tree,
 * line and column of a source) and what is wrong there.
 */
public final class DeviceTreeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception without a place.
     *
     * @param source name of the file; not null
     * @param text what is wrong, one line; not null
     */
    public DeviceTreeException(String source, String text) {
        this(source + ": " + text);
    }

    /** Names come from the input: a control character in one must not make two lines of the message. */
    private DeviceTreeException(String message) {
        super(message.codePoints().map(c -> Character.isISOControl(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString());
    }

    /** Returns the exception for byte {@code offset} of the compiled tree {@code source}. */
    public static DeviceTreeException at(String source, long offset, String text) {
        return new DeviceTreeException(source + ": offset 0x" + Long.toHexString(offset) + ": " + text);
    }

    /** Returns the exception for {@code line} and {@code column} (both from 1) of the tree source {@code source}. */
    public static DeviceTreeException at(String source, int line, int column, String text) {
        return new DeviceTreeException(source + ":" + line + ":" + column + ": " + text);
    }
}
