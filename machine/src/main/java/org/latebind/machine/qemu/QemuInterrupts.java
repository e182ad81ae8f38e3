package org.latebind.machine.qemu;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.latebind.hardware.Interrupts;

/**
 * The interrupt controller's inputs, intercepted. A raised line is noted while a command runs and served after it, on
 * the executor; the handlers' own commands only add to the notes.
 */
final class QemuInterrupts implements Interrupts {

    private static final int SPI_BASE = 32;
    private static final int PPI_BASE = 16;

    private final List<Connection> connections = new ArrayList<>();
    private final ArrayDeque<Integer> raised = new ArrayDeque<>();
    private Executor executor = Runnable::run;
    private boolean serving;

    private record Connection(int line, Handler handler) {
    }

    @Override
    public int line(int[] specifier) {
        if (specifier.length < 3) {
            throw new IllegalArgumentException("a GIC specifier has three cells, got " + specifier.length);
        }
        return specifier[1] + (specifier[0] == 0 ? SPI_BASE : PPI_BASE);
    }

    @Override
    public synchronized Request request(int line, String owner, Handler handler) {
        Connection connection = new Connection(line, handler);
        connections.add(connection);
        return () -> {
            synchronized (this) {
                connections.removeIf(c -> c == connection);
            }
        };
    }

    @Override
    public synchronized void runHandlersOn(Executor owner) {
        executor = owner;
    }

    /** Notes a raised shared peripheral interrupt. */
    synchronized void raise(int spi) {
        raised.add(spi + SPI_BASE);
    }

    /** Serves what was noted. Called without any lock, after every access. */
    void dispatch() {
        Executor on;
        synchronized (this) {
            if (raised.isEmpty() || serving) {
                return;
            }
            serving = true;
            on = executor;
        }
        on.execute(this::serve);
    }

    private void serve() {
        try {
            for (Integer line = next(); line != null; line = next()) {
                for (Connection connection : connectedTo(line)) {
                    connection.handler().handle();
                }
            }
        } finally {
            synchronized (this) {
                serving = false;
            }
        }
        // What was raised between the last look and the mark above.
        dispatch();
    }

    private synchronized Integer next() {
        return raised.poll();
    }

    private synchronized List<Connection> connectedTo(int line) {
        return connections.stream().filter(c -> c.line() == line).toList();
    }
}
