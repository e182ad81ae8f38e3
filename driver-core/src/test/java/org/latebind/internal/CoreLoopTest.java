package org.latebind.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.latebind.probe.Policy;
import org.latebind.runtime.Command;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.GroupStatus;

class CoreLoopTest {

    private static final Map<String, String> WAITING =
            Map.of("/a@2000", "PENDING", "/b@3000", "PENDING", "/iommu@1000", "NO_DRIVER");
    private static final Map<String, String> RUNNING =
            Map.of("/a@2000", "BOUND_TRANSLATED", "/b@3000", "BOUND_TRANSLATED", "/iommu@1000", "BOUND_DIRECT");

    private final LiveBoard board = new LiveBoard(LiveBoard.TWO_CLIENTS, Policy.LATEBIND);

    @AfterEach
    void takeDown() {
        board.close();
        assertThat(board.calls).noneMatch(call -> call.startsWith("internal error"));
    }

    @Nested
    class AnIommuDriverThatComesLate {

        @Test
        void bindsTheClientsThatWaited() {
            board.loop.execute(new Command.LateInit());
            board.arriveClient();
            assertThat(board.outcomes()).isEqualTo(WAITING);
            assertThat(board.loop.moment().snapshot().deferred()).containsExactly("/a@2000", "/b@3000");
            board.arriveIommu();
            assertThat(board.outcomes()).isEqualTo(RUNNING);
            assertThat(board.loop.moment().snapshot().groups()).extracting(GroupStatus::members)
                    .containsExactly(List.of("/a@2000"), List.of("/b@3000"));
        }

        @Test
        void attachesBeforeTheClientsDriverIsAsked() {
            board.loop.execute(new Command.LateInit());
            board.arriveClient();
            board.arriveIommu();
            assertThat(board.calls).containsSubsequence("probe /iommu@1000", "probe /a@2000", "attach /a@2000", "probe /a@2000");
        }

        @Test
        void canGoAndComeBack() {
            board.loop.execute(new Command.LateInit());
            board.arriveClient();
            LiveDriver iommu = board.arriveIommu();
            board.calls.clear();
            board.loop.leave(iommu);
            assertThat(board.outcomes()).isEqualTo(WAITING);
            assertThat(board.calls).as("consumers are released first, the unit's driver last")
                    .containsSubsequence("remove /a@2000", "detach /a@2000", "remove /iommu@1000", "unget toy-iommu")
                    .containsSubsequence("remove /b@3000", "detach /b@3000", "remove /iommu@1000");
            board.arriveIommu();
            assertThat(board.outcomes()).isEqualTo(RUNNING);
        }
    }

    @Nested
    class AMisbehavingDriver {

        @Test
        void thatThrowsFailsItsDeviceAndNothingElse() {
            board.arrive(LiveBoard.client("bad", "toy,client"), device -> {
                throw new IllegalStateException("boom");
            });
            board.arriveIommu();
            assertThat(board.outcomes()).containsEntry("/iommu@1000", "BOUND_DIRECT");
            board.loop.execute(new Command.LateInit());
            assertThat(board.outcomes().get("/a@2000")).isIn("FAILED", "GROUPED_UNBOUND");
            assertThat(board.misbehaviour()).contains(
                    "bad threw in probe of /a@2000: java.lang.IllegalStateException: boom");
        }

        @Test
        void thatAnswersNothingFailsItsDevice() {
            board.arrive(LiveBoard.client("mute", "toy,iommu"), device -> null);
            assertThat(board.outcomes()).containsEntry("/iommu@1000", "FAILED");
            assertThat(board.misbehaviour()).containsExactly("mute answered nothing to probe");
        }

        @Test
        void thatNeverAnswersFailsItsDeviceAndIsNamed() {
            CountDownLatch never = new CountDownLatch(1);
            CountDownLatch entered = board.hangNext();
            board.arrive(LiveBoard.client("stuck", "toy,iommu"), device -> {
                entered.countDown();
                awaitQuietly(never);
                return ProbeResult.bound(() -> board.calls.add("late remove"));
            });
            assertThat(board.outcomes()).containsEntry("/iommu@1000", "FAILED");
            assertThat(board.misbehaviour()).containsExactly("stuck did not answer to probe of /iommu@1000 within 5000 ms");
            never.countDown();
        }

        @Test
        void thatHangsInRemoveDoesNotHoldItsBundleForEver() {
            CountDownLatch never = new CountDownLatch(1);
            CountDownLatch entered = new CountDownLatch(1);
            LiveDriver driver = board.arrive(LiveBoard.client("sticky", "toy,iommu"), device -> ProbeResult.bound(() -> {
                entered.countDown();
                awaitQuietly(never);
            }));
            board.time.timeUp = entered;
            LiveDriver sticky = driver;
            Thread leaving = new Thread(() -> board.loop.leave(sticky));
            leaving.start();
            joinQuietly(leaving);
            assertThat(board.outcomes()).containsEntry("/iommu@1000", "NO_DRIVER");
            never.countDown();
        }

        @Test
        void thatLeavesInTheMiddleOfItsOwnProbeIsLetGo() {
            LiveDriver[] own = new LiveDriver[1];
            own[0] = new LiveDriver(LiveBoard.client("quitter", "toy,iommu"), "quitter-bundle", new LiveDriver.Source() {
                @Override
                public org.latebind.driver.Driver get() {
                    return device -> {
                        board.loop.leave(own[0]);
                        return ProbeResult.bound(() -> board.calls.add("remove " + device.path()));
                    };
                }

                @Override
                public void unget() {
                    board.calls.add("unget quitter");
                }
            });
            board.loop.arrive(own[0]);
            assertThat(board.outcomes()).containsEntry("/iommu@1000", "NO_DRIVER");
            assertThat(board.calls).as("its answer is closed, not kept").containsExactly("remove /iommu@1000", "unget quitter");
            assertThat(board.misbehaviour()).containsExactly("quitter left in the middle of its own probe");
            board.arriveIommu();
            assertThat(board.outcomes()).containsEntry("/iommu@1000", "BOUND_DIRECT");
        }

        @Test
        void thatCallsTheCoreFromItsProbeIsRefused() {
            boolean[] answers = new boolean[2];
            board.arrive(LiveBoard.client("curious", "toy,iommu"), device -> {
                answers[0] = board.loop.execute(new Command.LateInit()).ok();
                answers[1] = board.loop.awaitIdle(Duration.ofSeconds(30));
                return ProbeResult.failed(Errno.EIO, "enough");
            });
            assertThat(answers).containsExactly(false, false);
        }
    }

    @Nested
    class Commands {

        @Test
        void onUnknownDevicesAreRefused() {
            assertThat(board.loop.execute(new Command.Unbind("/nothing")).text()).isEqualTo("no device /nothing");
        }

        @Test
        void bindAndUnbindByHand() {
            board.arriveIommu();
            assertThat(board.loop.execute(new Command.Unbind("/iommu@1000")).ok()).isTrue();
            assertThat(board.outcomes()).containsEntry("/iommu@1000", "NO_DRIVER");
            assertThat(board.loop.execute(new Command.Bind("/iommu@1000", "toy-iommu")).ok()).isTrue();
            assertThat(board.outcomes()).containsEntry("/iommu@1000", "BOUND_DIRECT");
        }

        @Test
        void setParametersThatTheSnapshotShows() {
            assertThat(board.loop.execute(new Command.SetParameter("iommu.passthrough", "1")).ok()).isTrue();
            assertThat(board.loop.moment().snapshot().parameters()).containsEntry("iommu.passthrough", "1");
            board.loop.execute(new Command.LateInit());
            board.arriveClient();
            board.arriveIommu();
            assertThat(board.outcomes()).containsEntry("/a@2000", "BOUND_IDENTITY");
        }

        @Test
        void withUnknownParametersAreRefused() {
            assertThat(board.loop.execute(new Command.SetParameter("no.such", "1")).ok()).isFalse();
        }
    }

    @Test
    void aBoardThatGoesDownTakesEveryDriverOffItsDevices() {
        board.loop.execute(new Command.LateInit());
        board.arriveClient();
        board.arriveIommu();
        board.loop.close();
        assertThat(board.calls).contains("remove /a@2000", "remove /b@3000", "remove /iommu@1000");
        CoreSnapshot last = board.loop.moment().snapshot();
        assertThat(last.groups()).isEmpty();
        assertThat(last.iommus()).isEmpty();
    }

    /** A driver that does not care about interrupts either. */
    private static void awaitQuietly(CountDownLatch latch) {
        boolean done = false;
        while (!done) {
            try {
                done = latch.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                continue;
            }
        }
    }

    private static void joinQuietly(Thread thread) {
        try {
            thread.join(30_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
