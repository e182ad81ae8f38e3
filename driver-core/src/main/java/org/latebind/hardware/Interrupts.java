package org.latebind.hardware;

import java.util.concurrent.Executor;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The interrupt controller as drivers see it. A line is named by the words of the device's interrupt specifier
 * as the tree gives it (for the GIC: type, number, flags), resolved to one number by {@link #line}.
 */
@ProviderType
public interface Interrupts {

    /** Handler of a line. Runs on the thread that owns the driver core's state; must not block. */
    @FunctionalInterface
    interface Handler {

        /** Serves the interrupt. Returns true when the device raised it, false for "not mine" (spurious). */
        boolean handle();
    }

    /** A requested line. Closing it twice is harmless. */
    interface Request extends AutoCloseable {

        @Override
        void close();
    }

    /** Returns the line number of a specifier (for the GIC: SPI n is 32 + n, PPI n is 16 + n). */
    int line(int[] specifier);

    /**
     * Connects a handler. Several handlers may share a line; each is asked.
     *
     * @param line    line number, from {@link #line}
     * @param owner   who asks, for reports; not null
     * @param handler not null
     */
    Request request(int line, String owner, Handler handler);

    /**
     * Sets where handlers run from now on: the core passes the executor of the thread that owns its state. By default a
     * simulated machine runs them on the thread whose access raised the line, after that access is complete.
     */
    default void runHandlersOn(Executor owner) {
    }
}
