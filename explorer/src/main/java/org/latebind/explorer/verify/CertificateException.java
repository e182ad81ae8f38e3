package org.latebind.explorer.verify;

/** A certificate that is no certificate, or one of other inputs; the message is one line and names the place. */
public final class CertificateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Makes one. */
    public CertificateException(String message) {
        super(message);
    }
}
