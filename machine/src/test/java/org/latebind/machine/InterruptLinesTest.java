package org.latebind.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class InterruptLinesTest {

    private static final int LINE = 40;

    private final FindingLog findings = new FindingLog();
    private final InterruptLines lines = new InterruptLines(findings);
    private final Object source = new Object();
    private int served;

    private void pulse() {
        lines.set(source, LINE, true);
        lines.set(source, LINE, false);
        lines.dispatch();
    }

    @Test
    void everyEdgeIsServedOnce() {
        lines.request(LINE, "device", () -> {
            served++;
            return true;
        });
        pulse();
        pulse();
        assertThat(served).isEqualTo(2);
        assertThat(findings.snapshot()).isEmpty();
    }

    @Test
    void anEdgeThatComesAndGoesWhileTheHandlerRunsIsServedAfterIt() {
        lines.request(LINE, "device", () -> {
            served++;
            if (served == 1) {
                pulse();
            }
            return true;
        });
        pulse();
        assertThat(served).isEqualTo(2);
    }

    @Test
    void edgesBeforeTheHandlerRunsShareItsRound() {
        Deque<Runnable> waiting = new ArrayDeque<>();
        lines.runHandlersOn(waiting::add);
        lines.request(LINE, "device", () -> {
            served++;
            return true;
        });
        pulse();
        pulse();
        assertThat(waiting).hasSize(1);
        waiting.remove().run();
        assertThat(waiting).isEmpty();
        assertThat(served).isEqualTo(1);
    }

    @Test
    void aHandlerThatCausesTheNextEdgeForEverIsReported() {
        lines.request(LINE, "device", () -> {
            served++;
            pulse();
            return true;
        });
        pulse();
        assertThat(served).isEqualTo(1000);
        assertThat(findings.snapshot()).singleElement().satisfies(f -> assertThat(f.rule()).isEqualTo("interrupt-storm"));
    }
}
