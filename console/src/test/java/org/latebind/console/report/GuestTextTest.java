package org.latebind.console.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.latebind.passthrough.Passthrough;

class GuestTextTest {

    @Test
    void listShowsOneRowForEachDomainAndItsDevicesBelow() {
        String text = GuestText.list(List.of(
                new Passthrough.Status(0, 1L << 32, 0x4800_0000L, 40, "no context", List.of()),
                new Passthrough.Status(1, 1 << 20, 0x4800_2000L, 40, "domain 1, context 1",
                List.of("/soc/mmc@ee100000", "/soc/dma@1"))), 0);
        assertThat(text).isEqualTo("""
                DOMAIN  MEMORY       TABLE       IPA      DEVICES
                0       4194304 KiB  0x48000000  40 bits  0
                1       1024 KiB     0x48002000  40 bits  2

                0: no context

                1: domain 1, context 1
                  /soc/mmc@ee100000
                  /soc/dma@1
                """);
    }

    @Test
    void emptyListSaysSo() {
        assertThat(GuestText.list(List.of(), 80)).isEqualTo("no domain\n");
        assertThat(GuestText.p2m(List.of(), 80)).isEqualTo("no such domain\n");
    }

    @Test
    void p2mShowsMappedAndEmptyPages() {
        String text = GuestText.p2m(List.of(new Passthrough.Mapping(0x4000_0000L, 0x4800_0000L, 0x0080_0000_4800_07ffL, "ram_rw"),
                new Passthrough.Mapping(0x4000_1000L, 0, 0, "invalid")), 0);
        assertThat(text).contains("0x0040000000").contains("0x0048000000").contains("0x00800000480007ff");
        assertThat(text.lines().toList().get(2)).contains("invalid").contains("-");
    }
}
