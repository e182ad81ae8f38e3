package org.latebind.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.latebind.iommu.core.DriverMisbehavedException;

class DriverCallsTest {

    private final ManualTime time = new ManualTime();
    private final BlockingQueue<String> late = new LinkedBlockingQueue<>();
    private final DriverCalls calls =
            new DriverCalls(time, Duration.ofSeconds(5), (driver, text) -> late.add(driver + " " + text));

    @AfterEach
    void end() {
        calls.close();
    }

    @Test
    void anAnswerComesBack() throws Exception {
        assertThat(calls.<String>ask("toy", "probe", () -> "yes")).isEqualTo("yes");
    }

    @Test
    void whatADriverThrowsIsNamedWithItsDriver() {
        DriverMisbehavedException thrown = catchThrowableOfType(DriverMisbehavedException.class,
                () -> calls.ask("toy", "probe", () -> {
                    throw new NoClassDefFoundError("gone");
                }));
        assertThat(thrown.driver()).isEqualTo("toy");
        assertThat(thrown.errno()).isEqualTo(Errno.EIO);
        assertThat(thrown).hasMessage("toy threw in probe: java.lang.NoClassDefFoundError: gone");
    }

    @Test
    void aHangEndsTheWaitAndTheNextCallIsServed() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        time.timeUp = entered;
        assertThatThrownBy(() -> calls.ask("toy", "probe", () -> {
            entered.countDown();
            never.await();
            return null;
        })).isInstanceOf(DriverMisbehavedException.class).hasMessage("toy did not answer to probe within 5000 ms");
        assertThat(calls.<Integer>ask("toy", "probe", () -> 7)).isEqualTo(7);
    }

    @Test
    void aLateAnswerIsClosedAndReported() throws Exception {
        AtomicBoolean closed = new AtomicBoolean();
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        time.timeUp = entered;
        assertThatThrownBy(() -> calls.ask("toy", "probe", () -> {
            entered.countDown();
            awaitIgnoringInterrupts(goOn);
            return ProbeResult.bound(() -> closed.set(true));
        })).isInstanceOf(DriverMisbehavedException.class);
        goOn.countDown();
        assertThat(late.poll(30, TimeUnit.SECONDS))
                .isEqualTo("toy answered to probe after its time was up; discarded and closed");
        assertThat(closed).isTrue();
    }

    private static void awaitIgnoringInterrupts(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // A driver that does not care.
                continue;
            }
        }
    }

    @Test
    void aDriverThreadKnowsThatItIsOne() throws Exception {
        assertThat(calls.onDriverThread()).isFalse();
        assertThat(calls.<Boolean>ask("toy", "probe", calls::onDriverThread)).isTrue();
    }

    @Test
    void aCallFromInsideACallIsRefused() {
        assertThatThrownBy(() -> calls.ask("toy", "probe", () -> calls.ask("toy", "attach", () -> null)))
                .isInstanceOf(DriverMisbehavedException.class).hasMessageContaining("a driver call from inside a driver call");
    }
}
