package org.latebind.acpi;

/** An ACPI table that cannot be read. The message is one line: the file, the byte offset and what is wrong there. */
public final class AcpiTableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Creates the exception without a place. */
    AcpiTableException(String source, String text) {
        super(source + ": " + text);
    }

    /** Creates the exception for a byte of the table. */
    AcpiTableException(String source, long offset, String text) {
        super(source + ": offset 0x" + Long.toHexString(offset) + ": " + text);
    }
}
