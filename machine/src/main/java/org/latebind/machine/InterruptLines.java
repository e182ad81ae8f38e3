package org.latebind.machine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Interrupts;

/**
 * The interrupt controller: level lines, shared handlers.
 *
 * <p>Rules: a line is the OR of its sources. A raised line with handlers is served until it falls; handlers run on the
 * executor, never under a lock. An edge that
 * comes and goes while the handlers of its line run gets a round of its own. A line that stays raised although nobody
 * claims it, or after {@value #ROUNDS_MAX}
 * rounds, is reported and left alone until it falls: a real kernel disables such a line ("nobody cared").
 */
final class InterruptLines implements Interrupts {

    /** Rounds of handlers for one raise before the line counts as stuck. */
    private static final int ROUNDS_MAX = 1000;

    private static final int SPI_BASE = 32;
    private static final int PPI_BASE = 16;

    private final Map<Integer, Line> lines = new HashMap<>();
    private final ArrayDeque<Line> due = new ArrayDeque<>();
    private final FindingLog findings;
    private Executor executor = Runnable::run;

    InterruptLines(FindingLog findings) {
        this.findings = findings;
    }

    /** One line; all fields guarded by the controller. */
    private static final class Line {
        private final int number;
        private final List<Registration> handlers = new ArrayList<>();
        private final List<Object> raisedBy = new ArrayList<>();
        private boolean serving;
        private boolean masked;
        private int rounds;
        /** Rose again while its handlers ran; an edge may have fallen again already, and is owed a round. */
        private boolean again;
        private int edges;

        Line(int number) {
            this.number = number;
        }
    }

    private record Registration(String owner, Handler handler) {
    }

    /** GIC binding: type 0 is an SPI, type 1 a PPI; other controllers name a line by their first cell. */
    @Override
    public int line(int[] specifier) {
        return number(specifier);
    }

    static int number(int[] specifier) {
        if (specifier.length == 0) {
            throw new IllegalArgumentException("an interrupt specifier has at least one cell");
        }
        if (specifier.length < 3) {
            return specifier[0];
        }
        return specifier[1] + (specifier[0] == 0 ? SPI_BASE : PPI_BASE);
    }

    @Override
    public synchronized void runHandlersOn(Executor owner) {
        executor = owner;
    }

    @Override
    public Request request(int number, String owner, Handler handler) {
        Registration registration = new Registration(owner, handler);
        synchronized (this) {
            Line line = lineOf(number);
            line.handlers.add(registration);
            schedule(line);
        }
        dispatch();
        return () -> {
            synchronized (this) {
                // By identity: one owner may register equal handlers.
                lineOf(number).handlers.removeIf(r -> r == registration);
            }
        };
    }

    /** Number of handlers connected, for leak checks. */
    synchronized int handlerCount() {
        return lines.values().stream().mapToInt(l -> l.handlers.size()).sum();
    }

    /** Sets one source's contribution. Handlers do not run before {@link #dispatch}. */
    synchronized void set(Object source, int number, boolean raised) {
        Line line = lineOf(number);
        if (raised) {
            line.again |= line.serving && line.raisedBy.isEmpty();
            if (!line.raisedBy.contains(source)) {
                line.raisedBy.add(source);
            }
            schedule(line);
        } else if (line.raisedBy.remove(source) && line.raisedBy.isEmpty()) {
            line.masked = false;
            line.rounds = 0;
        }
    }

    /** Hands due lines to the executor. Called without any lock. */
    void dispatch() {
        while (true) {
            Line line;
            Executor on;
            synchronized (this) {
                line = due.poll();
                on = executor;
            }
            if (line == null) {
                return;
            }
            on.execute(() -> serve(line));
        }
    }

    private void schedule(Line line) {
        if (!line.serving && !line.masked && !line.raisedBy.isEmpty() && !line.handlers.isEmpty()) {
            line.serving = true;
            due.add(line);
        }
    }

    private void serve(Line line) {
        List<Registration> snapshot;
        synchronized (this) {
            snapshot = List.copyOf(line.handlers);
            // What rose until now is what this round is for.
            line.again = false;
        }
        boolean claimed = false;
        try {
            for (Registration registration : snapshot) {
                claimed |= registration.handler().handle();
            }
        } finally {
            finish(line, claimed, snapshot);
        }
        dispatch();
    }

    private synchronized void finish(Line line, boolean claimed, List<Registration> asked) {
        line.serving = false;
        if (line.raisedBy.isEmpty()) {
            oweRound(line);
            return;
        }
        line.rounds++;
        if (!claimed || line.rounds >= ROUNDS_MAX) {
            line.masked = true;
            findings.report(new Finding(claimed ? "interrupt-storm" : "interrupt-nobody-cared",
                    asked.isEmpty() ? "line " + line.number : asked.get(0).owner(),
                    "line " + line.number + " stays raised after " + line.rounds + " rounds of handlers"));
            return;
        }
        schedule(line);
    }

    /** Serves an edge that came and went while the handlers ran. */
    private void oweRound(Line line) {
        line.edges = line.again ? line.edges + 1 : 0;
        if (line.edges >= ROUNDS_MAX) {
            line.edges = 0;
            findings.report(new Finding("interrupt-storm", "line " + line.number, "line " + line.number
                    + " pulsed while each of " + ROUNDS_MAX + " rounds of handlers ran"));
        } else if (line.again && !line.handlers.isEmpty()) {
            line.serving = true;
            due.add(line);
        }
        line.again = false;
    }

    private Line lineOf(int number) {
        return lines.computeIfAbsent(number, Line::new);
    }
}
