package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.machine.xen.DomainSpec;

/** Goal: entries are byte for byte what Xen reads, and the guest never takes back what a backend has mapped. */
class EntryLayoutTest {

    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
    private final XenBench bench = new XenBench();

    private String image(EntryLayout layout, int ref) {
        return HEX.formatHex(bench.bytes(layout.address(ref), layout.entryBytes()));
    }

    @Nested
    class VersionOne {
        private final EntryLayout layout = EntryLayout.of(1, bench.memory, XenBench.WINDOW, 0);

        @Test
        void aWritableGrantHasTheDocumentedBytes() {
            layout.grant(8, 1, 0x40100, false);
            assertThat(image(layout, 8)).isEqualTo("01 00 01 00 00 01 04 00");
            assertThat(layout.address(8)).isEqualTo(XenBench.WINDOW + 0x40);
        }

        @Test
        void aReadOnlyGrantHasTheDocumentedBytes() {
            layout.grant(8, 1, 0x40100, true);
            assertThat(image(layout, 8)).isEqualTo("05 00 01 00 00 01 04 00");
        }

        @Test
        void aGrantThatXenMappedForWritingHasTheDocumentedBytes() {
            layout.grant(8, 2, 0x40100, false);
            assertThat(bench.map(2, 8, false, 0).status().code()).isZero();
            assertThat(image(layout, 8)).isEqualTo("19 00 02 00 00 01 04 00");
            assertThat(layout.inUse(8)).isEqualTo(EntryLayout.READING | EntryLayout.WRITING);
        }

        @Test
        void anEndedGrantHasNoFlagsAndIsRefusedWhileInUse() {
            layout.grant(8, 2, 0x40100, false);
            int handle = bench.map(2, 8, true, 0).handle();
            assertThat(layout.tryEnd(8)).isFalse();
            assertThat(bench.flags(8)).isEqualTo(0x9);
            bench.xen.unmap(2, org.latebind.machine.xen.UnmapRequest.host(XenBench.THERE, handle));
            assertThat(layout.tryEnd(8)).isTrue();
            assertThat(bench.flags(8)).isZero();
        }

        @Test
        void aGrantBecomesReadOnlyUnlessSomebodyWrites() {
            layout.grant(8, 2, 0x40100, false);
            int handle = bench.map(2, 8, false, 0).handle();
            assertThat(layout.makeReadOnly(8)).isFalse();
            bench.xen.unmap(2, org.latebind.machine.xen.UnmapRequest.host(XenBench.THERE, handle));
            assertThat(layout.makeReadOnly(8)).isTrue();
            assertThat(bench.map(2, 8, false, 0).status().code()).isEqualTo(-1);
            layout.makeWritable(8);
            assertThat(bench.map(2, 8, false, 0).status().code()).isZero();
        }

        @Test
        void theLargestFrameIsStoredUnsigned() {
            layout.grant(8, 2, 0xFFFF_FFFFL, false);
            assertThat(layout.frame(8)).isEqualTo(layout.maxFrame());
        }
    }

    @Nested
    class VersionTwo {
        private final XenBench x86 = new XenBench(XenBench.sparse(), new ReentrantLock(),
                DomainSpec.guest(1, List.of(XenBench.RAM), XenBench.WINDOW), true);

        @Test
        void anEntryIsSixteenBytesAndTheInUseBitsStandApart() {
            assertThat(x86.platform.setVersion(2)).isZero();
            GuestGrantTable table = x86.table();
            EntryLayout layout = table.entries();
            int ref = table.allocate(1, () -> "/owner");
            layout.grant(ref, 2, 0x40100, true);
            assertThat(HEX.formatHex(x86.bytes(layout.address(ref), 16)))
                    .isEqualTo("05 00 02 00 00 00 00 00 00 01 04 00 00 00 00 00");
            int handle = x86.map(2, ref, true, 0).handle();
            assertThat(layout.flags(ref)).isEqualTo(5);
            assertThat(x86.memory.read16(XenBench.WINDOW + 64 * 4096 + ref * 2)).isEqualTo(EntryLayout.READING);
            assertThat(layout.tryEnd(ref)).isFalse();
            assertThat(layout.flags(ref)).as("no new mapping may start").isZero();
            x86.xen.unmap(2, org.latebind.machine.xen.UnmapRequest.host(XenBench.THERE, handle));
            assertThat(layout.tryEnd(ref)).isTrue();
        }

        @Test
        void aFrameHoldsHalfAsManyEntries() {
            assertThat(x86.platform.setVersion(2)).isZero();
            GuestGrantTable table = x86.table();
            assertThat(table.freeCount()).isEqualTo(248);
            assertThat(table.allocate(16376, () -> "/owner")).isEqualTo(8);
            assertThat(table.allocate(1, () -> "/owner")).isEqualTo(GuestGrantTable.NO_SPACE);
        }

        @Test
        void anArmHypervisorRefusesIt() {
            assertThat(bench.platform.setVersion(2)).isEqualTo(-38);
            assertThat(bench.platform.version()).isEqualTo(1);
        }
    }
}
