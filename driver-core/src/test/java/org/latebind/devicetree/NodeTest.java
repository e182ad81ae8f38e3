package org.latebind.devicetree;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeTest {

    private static DeviceTree tree(String text) {
        return DtsReader.read("t.dts", "/dts-v1/; / { #address-cells = <2>; #size-cells = <1>; " + text + " };");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"status = \"okay\";|true", "status = \"ok\";|true", "|true",
        "status = \"disabled\";|false",
        "status = \"disable\";|false", "status = \"fail\";|false", "status = \"reserved\";|false", "status;|false"})
    void onlyOkayAndOkAreAvailable(String status, boolean available) {
        DeviceTree tree = tree("a { " + (status == null ? "" : status) + " b { }; };");
        assertThat(tree.byPath("/a").availableItself()).isEqualTo(available);
        assertThat(tree.byPath("/a/b").availableItself()).isTrue();
        assertThat(tree.byPath("/a/b").available()).isEqualTo(available);
    }

    @Test
    void cellCountsComeFromTheNearestNodeThatSaysThem() {
        DeviceTree tree = tree("a { b { #size-cells = <0>; c { }; }; };");
        assertThat(tree.byPath("/a/b").addressCells()).isEqualTo(2);
        assertThat(tree.byPath("/a/b/c").sizeCells()).isZero();
    }

    @Test
    void addressesAreTranslatedByRangesBusByBus() {
        DeviceTree tree = tree("a { #address-cells = <1>; ranges = <0x1000 0x1 0x0 0x1000>;"
            + " b { ranges; c@1800 { reg = <0x1800 4>; }; };"
            + " d@9000 { reg = <0x9000 4>; }; }; n { #address-cells = <1>; e@0 { reg = <0 4>; }; };");
        assertThat(tree.byPath("/a/b/c@1800").reg()).containsExactly(new RegEntry(0x1800, 4, true, 0x1_0000_0800L));
        assertThat(tree.byPath("/a/d@9000").reg()).containsExactly(new RegEntry(0x9000, 4, false, 0));
        assertThat(tree.byPath("/n/e@0").reg()).containsExactly(new RegEntry(0, 4, false, 0));
    }

    @Test
    void aPciAddressMatchesOnlyARangeOfItsOwnSpace() {
        DeviceTree tree = tree("p { #address-cells = <3>; #size-cells = <2>; ranges = <0x01000000 0 0x1000 0 0xf000 0 0x1000>,"
            + " <0x02000000 0 0x1000 0x5 0x0 0 0x1000>; io@1 { reg = <0x01000800 0 0x1010 0 4>; };"
            + " mem@2 { reg = <0x02001000 0 0x1010 0 4>; }; cfg@3 { reg = <0x1800 0 0x1010 0 4>; }; };");
        assertThat(tree.byPath("/p/io@1").reg().get(0).cpuAddress()).isEqualTo(0xf010);
        assertThat(tree.byPath("/p/mem@2").reg().get(0).cpuAddress()).isEqualTo(0x5_0000_0010L);
        assertThat(tree.byPath("/p/cfg@3").reg().get(0).translated()).isFalse();
    }

    @Test
    void linuxNamesAreAddressAndNameOrTheNamesOfTheWay() {
        DeviceTree tree = tree("soc { #address-cells = <1>; ranges = <0 0xf 0 0x10000>;"
            + " d@1800 { reg = <0x1800 4>; sub { s@1 { }; }; };"
            + " psci { }; }; timer { }; i2c@1 { reg = <0 1 1>;"
            + " #address-cells = <1>; #size-cells = <0>; c@50 { reg = <0x50>; }; };");
        assertThat(LinuxDeviceName.of(tree.byPath("/soc/d@1800"))).isEqualTo("f00001800.d");
        assertThat(LinuxDeviceName.of(tree.byPath("/soc/d@1800/sub/s@1"))).isEqualTo("f00001800.d:sub:s@1");
        assertThat(LinuxDeviceName.of(tree.byPath("/soc/psci"))).isEqualTo("soc:psci");
        assertThat(LinuxDeviceName.of(tree.byPath("/timer"))).isEqualTo("timer");
        assertThat(LinuxDeviceName.of(tree.byPath("/i2c@1/c@50"))).isEqualTo("1.i2c:c@50");
    }

    @Test
    void aliasesLeadToNodesAlsoWithAPathBelow() {
        DeviceTree tree = tree("aliases { s = &{/a}; }; a { b { }; };");
        assertThat(tree.resolve("s")).isSameAs(tree.byPath("/a"));
        assertThat(tree.resolve("s/b")).isSameAs(tree.byPath("/a/b"));
        assertThat(tree.resolve("nothing")).isNull();
    }
}
