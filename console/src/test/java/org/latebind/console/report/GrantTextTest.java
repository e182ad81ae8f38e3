package org.latebind.console.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.hardware.xen.BackendDomains;
import org.latebind.hardware.xen.GrantInspection.Client;
import org.latebind.hardware.xen.GrantInspection.Grant;
import org.latebind.hardware.xen.GrantInspection.Snapshot;
import org.latebind.hardware.xen.GrantLedger.Leftover;

/** Goal: the commands on grants print the same for the same state, and bad words lead to one clear line. */
class GrantTextTest {

    private static final Snapshot STATE = new Snapshot(List.of("/xen_iommu"), 1, 1, 512, 500,
            List.of(new Client("/virtio@2000000", "/xen_iommu", 2, 2, null),
                    new Client("/virtio@2000200", "/xen_iommu", 3, 0, "domain 3 still uses grant 10")),
            List.of(new Grant(8, "/virtio@2000000", 2, 0x40100, true, false, false),
                    new Grant(9, "/virtio@2000000", 2, 0x40101, false, true, true)),
            List.of(new Leftover("/virtio@2000200", 10, 2, 0x40200, 0)));

    private static GrantView view() {
        Map<Integer, List<BackendDomains.Mapping>> backends = new LinkedHashMap<>();
        backends.put(2, List.of(new BackendDomains.Mapping(0, 9, 0x8000_0000L, false)));
        return new GrantView(List.of(STATE), backends);
    }

    @Test
    void theTextShowsTableClientsGrantsKeptOnesAndMappings() {
        assertThat(GrantText.text(view(), TextTable.UNLIMITED)).isEqualTo("""
                /xen_iommu: version 1, 1 frame, 512 entries, 500 free
                DEVICE           BACKEND  GRANTS  STATE
                /virtio@2000000  2        2       ok
                /virtio@2000200  3        0       broken: domain 3 still uses grant 10
                REF  DEVICE           BACKEND  FRAME    ACCESS  IN USE
                8    /virtio@2000000  2        0x40100  ro
                9    /virtio@2000000  2        0x40101  rw      reading, writing
                KEPT REFS  DEVICE           FROM FRAME
                10-11      /virtio@2000200  0x40200
                BACKEND  HANDLE  REF  ADDRESS     ACCESS
                2        0       9    0x80000000  rw
                """);
    }

    @Test
    void theDocumentHasTheSameInStableOrder() {
        Map<String, Object> document = GrantText.document(view());
        assertThat(document.keySet()).containsExactly("drivers", "mappings");
        assertThat(document.toString()).contains("units=[/xen_iommu], version=1, frames=1, entries=512, free=500")
                .contains("{device=/virtio@2000200, firstRef=10, count=2, firstFrame=262656}")
                .contains("{backend=2, handle=0, ref=9, address=2147483648, readOnly=false}");
    }

    @Test
    void withoutADriverTheTextSaysSo() {
        assertThat(GrantText.text(new GrantView(List.of(), Map.of()), 80)).isEqualTo("no grant driver is there\n");
    }

    @Test
    void theBackendOfEachDeviceIsKnown() {
        assertThat(view().backendByDevice()).containsEntry("/virtio@2000000", 2).containsEntry("/virtio@2000200", 3);
    }

    @Test
    void requestsAreReadAndCarriedOut() {
        StringBuilder told = new StringBuilder();
        BackendDomains domains = new Recorder(told);
        for (String line : List.of("map 2 8 ro", "map 2 0x9", "read 2 0 16 4", "write 2 0 0xff cafe", "unmap 2 0")) {
            told.append(BackendRequest.describe(BackendRequest.on(domains, BackendRequest.parse(List.of(line.split(" "))))))
                    .append('\n');
        }
        assertThat(told).hasToString("""
                map 2 8 true: handle 7
                map 2 9 false: handle 7
                read 2 0 16 4: 01 02
                write 2 0 255 2: refused: stage-2 permission fault (-5)
                unmap 2 0: done
                """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "map", "map 2", "map 2 8 ro x", "steal 2 8", "read 2 0 0", "unmap 2 0 0"})
    void otherWordsLeadToTheUsage(String line) {
        List<String> words = line.isEmpty() ? List.of() : List.of(line.split(" "));
        assertThatThrownBy(() -> BackendRequest.parse(words)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("usage: backend map");
    }

    @ParameterizedTest
    @CsvSource({"map 70000 8, '70000' is no number from 0 to 65535", "map 2 -1, '-1' is no number from 0 to 2147483647",
        "map 2 x, 'x' is no number from 0 to 2147483647", "map 2 8 wo, 'access is ro or rw, not ''wo'''",
        "read 2 0 4096 1, '4096' is no number from 0 to 4095", "write 2 0 0 abc, 'abc' is no row of hexadecimal bytes"})
    void badWordsAreNamed(String line, String message) {
        assertThatThrownBy(() -> BackendRequest.parse(List.of(line.split(" "))))
                .isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    /** Notes what it is told. */
    private record Recorder(StringBuilder told) implements BackendDomains {

        private Answer answer(String text, int status, int handle, byte... data) {
            told.append(text).append(": ");
            return new Answer(status, handle, data, "stage-2 permission fault");
        }

        @Override
        public List<Integer> domids() {
            return List.of(2);
        }

        @Override
        public List<Mapping> mappings(int domid) {
            return List.of();
        }

        @Override
        public Answer map(int domid, int ref, boolean readOnly) {
            return answer("map " + domid + " " + ref + " " + readOnly, 0, 7);
        }

        @Override
        public Answer unmap(int domid, int handle) {
            return answer("unmap " + domid + " " + handle, 0, -1);
        }

        @Override
        public Answer read(int domid, int handle, int offset, int lengthBytes) {
            return answer("read " + domid + " " + handle + " " + offset + " " + lengthBytes, 0, -1, (byte) 1, (byte) 2);
        }

        @Override
        public Answer write(int domid, int handle, int offset, byte[] data) {
            return answer("write " + domid + " " + handle + " " + offset + " " + data.length, -5, -1);
        }
    }
}
