package org.latebind.explorer.catalogue;

/** Input that cannot be read. The message is one line that names the file and the place. */
public final class CatalogueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Makes one from a line that names file and place. */
    public CatalogueException(String message) {
        super(message);
    }
}
