package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.latebind.dma.CoherentBuffer;
import org.latebind.dma.DmaApi.Direction;

/**
 * Goal: the driver goes while a backend still maps pages; those pages and references stay out of use, the device is named, all
 * else comes back, and nothing is lost once the backend lets go, under whichever instance of the driver.
 */
class UnloadTest {

    private static final long P = 0x4010_0000L;
    private final GuestBoard board = new GuestBoard().start();
    private final GrantDma dma = board.bind(GuestBoard.DISK);

    @Test
    void whatABackendStillUsesIsKeptAndReportedAndTheRestComesBack() {
        CoherentBuffer used = dma.allocateCoherent(3 * 4096, 0);
        CoherentBuffer unused = dma.allocateCoherent(4096, 0);
        long streaming = dma.map(P, 8192, Direction.BIDIRECTIONAL, 0);
        int inBuffer = board.map(2, GrantAddress.ref(used.dmaAddress()) + 1, false, 0).handle();
        int inStream = board.map(2, GrantAddress.ref(streaming), false, 1).handle();
        board.stop();
        assertThat(board.log).anyMatch(line -> line.startsWith("/virtio@2000000: a backend still uses grants 8 to 10"))
                .anyMatch(line -> line.startsWith("/virtio@2000000: a backend still uses grants 12 to 13"));
        assertThat(board.machine.pages().allocatedBytes()).as("the buffer in use").isEqualTo(3 * 4096);
        assertThat(board.flags(GrantAddress.ref(unused.dmaAddress()))).isZero();

        board.start();
        assertThat(board.free()).isEqualTo(504 - 5);
        assertThat(board.driver.snapshot().leftovers()).hasSize(2);
        GrantDma again = board.bind(GuestBoard.DISK);
        assertThat(again.broken()).as("a new bind is not broken").isNull();
        for (int i = 0; i < 499; i++) {
            int ref = GrantAddress.ref(again.map(P + 0x10000, 4096, Direction.TO_DEVICE, 0));
            assertThat(ref).isNotIn(8, 9, 10, 12, 13);
        }
        assertThat(board.unmap(2, inBuffer, 0)).isZero();
        assertThat(board.unmap(2, inStream, 1)).isZero();
        assertThat(board.driver.reclaim()).isEqualTo(5);
        board.stop();
        assertThat(board.machine.pages().allocatedBytes()).isZero();
        assertThat(board.ledger.leftovers()).isEmpty();
        board.start();
        assertThat(board.free()).isEqualTo(board.driver.snapshot().entries() - 8);
    }

    @Test
    void aBackendThatLetsGoWhileNoDriverIsThereLosesNothingEither() {
        dma.allocateCoherent(4096, 0);
        int handle = board.map(2, 8, false, 0).handle();
        board.stop();
        assertThat(board.unmap(2, handle, 0)).isZero();
        board.start();
        assertThat(board.free()).isEqualTo(504);
        assertThat(board.machine.pages().allocatedBytes()).isZero();
    }

    @Test
    void grantsOfNobodyKnownAreKeptUntilTheyCanBeEnded() {
        board.stop();
        board.memory().write32(GuestBoard.WINDOW + 20 * 8, 2 << 16 | 1);
        board.memory().write32(GuestBoard.WINDOW + 20 * 8 + 4, 0x40100);
        int handle = board.map(2, 20, false, 0).handle();
        board.start();
        assertThat(board.log).anyMatch(line -> line.contains("grant 20 was given by nobody known"));
        assertThat(board.free()).isEqualTo(503);
        board.unmap(2, handle, 0);
        assertThat(board.driver.reclaim()).isEqualTo(1);
        assertThat(board.free()).isEqualTo(504);
    }
}
