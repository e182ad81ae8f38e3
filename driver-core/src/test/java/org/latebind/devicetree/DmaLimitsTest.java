package org.latebind.devicetree;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.latebind.driver.Errno;

class DmaLimitsTest {

    private static DmaRanges ranges(String text, String device) {
        DeviceTree tree = DtsReader.read("t", "/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; " + text + " };");
        return DmaRanges.ofDevice(tree, tree.byPath(device));
    }

    private static DmaRanges.Range range(long dma, long cpu, long size) {
        return new DmaRanges.Range(dma, cpu, size);
    }

    private static DmaRanges found(DmaRanges.Range... ranges) {
        return new DmaRanges(DmaRanges.Result.FOUND, List.of(ranges));
    }

    private static final DmaRanges NONE = new DmaRanges(DmaRanges.Result.NONE, List.of());

    @Nested
    class Ranges {

        @Test
        void areThoseOfTheBusAboveTheDevice() {
            assertThat(ranges("soc { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0xc0000000 0 0 0x3c000000>;"
                + " d { }; };",
                "/soc/d").ranges()).containsExactly(range(0xc0000000L, 0, 0x3c000000));
        }

        @Test
        void anEmptyPropertyPassesUp() {
            assertThat(ranges("top { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0x1000 0 0x80000000 0x1000>;"
                + " soc { dma-ranges; d { }; }; };", "/top/soc/d").ranges()).containsExactly(range(0x1000, 0x80000000L, 0x1000));
        }

        @Test
        void aMissingPropertyIsToleratedOnceOnly() {
            String top = "top { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0 0 0 0x1000>; %s };";
            assertThat(ranges(top.formatted("soc { d { }; };"), "/top/soc/d").result()).isEqualTo(DmaRanges.Result.FOUND);
            assertThat(ranges(top.formatted("a { b { d { }; }; };"), "/top/a/b/d").result()).isEqualTo(DmaRanges.Result.NONE);
            assertThat(ranges("soc { d { }; };", "/soc/d").result()).isEqualTo(DmaRanges.Result.NONE);
        }

        @Test
        void cpuAddressesAreTranslatedThroughTheBusesAboveAndOthersAreLeftOut() {
            String outer = "top { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0x0 0x1 0x0 0x10000>;"
                + " soc { #address-cells = <1>; #size-cells = <1>; dma-ranges = %s; d { }; }; };";
            assertThat(ranges(outer.formatted("<0x500 0x2000 0x100>, <0x900 0x20000 0x100>"), "/top/soc/d").ranges())
                .containsExactly(range(0x500, 0x1_0000_2000L, 0x100));
            assertThat(ranges(outer.formatted("<0x900 0x20000 0x100>"), "/top/soc/d").result())
                .isEqualTo(DmaRanges.Result.INVALID);
        }

        @Test
        void rangesThatContinueEachOtherAreOne() {
            assertThat(ranges("soc { #address-cells = <1>; #size-cells = <1>;"
                + " dma-ranges = <0 0 0x10000 0x1000>, <0x1000 0 0x11000 0x1000>; d { }; };", "/soc/d").ranges())
                .containsExactly(range(0, 0x10000, 0x2000));
        }

        @Test
        void theInterconnectNamedDmaMemReplacesTheParent() {
            assertThat(ranges("icc: icc { #interconnect-cells = <1>; #address-cells = <1>; #size-cells = <1>;"
                + " dma-ranges = <0 0x4 0 0x1000>; }; d { interconnects = <&icc 1>; interconnect-names = \"dma-mem\"; };", "/d")
                .ranges()).containsExactly(range(0, 0x4_0000_0000L, 0x1000));
        }
    }

    @Nested
    class Masks {

        @ParameterizedTest
        @EnumSource(DmaLimits.Rule.class)
        void withoutRangesTheCoherentMaskDecides(DmaLimits.Rule rule) {
            DmaLimits limits = DmaLimits.of(NONE, rule, OptionalLong.of(-1), 0xffffffffL, true);
            assertThat(limits.dmaMask()).isEqualTo(0xffffffffL);
            assertThat(limits.busLimit()).isEmpty();
            assertThat(DmaLimits.of(NONE, rule, OptionalLong.of(-1), 0, true).dmaMask()).isEqualTo(0xffffffffL);
        }

        @ParameterizedTest
        @EnumSource(DmaLimits.Rule.class)
        void aMaskOfSixtyFourBitsDoesNotOverflow(DmaLimits.Rule rule) {
            DmaLimits limits = DmaLimits.of(NONE, rule, OptionalLong.of(-1), -1, true);
            assertThat(limits.dmaMask()).isEqualTo(-1);
            assertThat(limits.coherentMask()).isEqualTo(-1);
            assertThat(limits.error()).isNull();
        }

        @ParameterizedTest
        @EnumSource(DmaLimits.Rule.class)
        void rangesGiveLimitAndMask(DmaLimits.Rule rule) {
            DmaLimits limits = DmaLimits.of(found(range(0, 0, 0x3c000000)), rule, OptionalLong.of(-1), -1, true);
            assertThat(limits.busLimit()).hasValue(0x3bffffffL);
            assertThat(limits.dmaMask()).isEqualTo(0x3fffffffL);
            assertThat(limits.rangeMap()).hasSize(1);
        }

        @ParameterizedTest
        @EnumSource(DmaLimits.Rule.class)
        void configuringAgainChangesNothing(DmaLimits.Rule rule) {
            DmaRanges ranges = found(range(0x1000, 0, 0x7000), range(0x40000000, 0, 0x1000));
            DmaLimits once = DmaLimits.of(ranges, rule, OptionalLong.of(-1), -1, true);
            DmaLimits twice = DmaLimits.of(ranges, rule, OptionalLong.of(once.dmaMask()), once.coherentMask(), true);
            assertThat(twice).isEqualTo(once);
        }

        @Test
        void aMaskInsteadOfASizeIsRepairedByTheOldRuleOnly() {
            DmaRanges ranges = found(range(0, 0, 0xffffffffL));
            DmaLimits old = DmaLimits.of(ranges, DmaLimits.Rule.SIZE, OptionalLong.of(-1), -1, true);
            assertThat(old.busLimit()).hasValue(0xffffffffL);
            assertThat(old.warnings()).containsExactly("invalid size 0xffffffff for dma-range(s)");
            DmaLimits now = DmaLimits.of(ranges, DmaLimits.Rule.END, OptionalLong.of(-1), -1, true);
            assertThat(now.busLimit()).hasValue(0xfffffffeL);
            assertThat(now.warnings()).isEmpty();
        }

        @Test
        void aRangeOfTheWholeAddressSpaceIsRefusedByTheOldRuleOnly() {
            DmaRanges ranges = found(range(0, 0, -1));
            assertThat(DmaLimits.of(ranges, DmaLimits.Rule.SIZE, OptionalLong.of(-1), -1, true).error()).isEqualTo(Errno.EINVAL);
            assertThat(DmaLimits.of(ranges, DmaLimits.Rule.END, OptionalLong.of(-1), -1, true).error()).isNull();
        }

        @Test
        void aBusThatDoesNotForceDmaLeavesDevicesWithoutRangesAlone() {
            assertThat(DmaLimits.of(NONE, DmaLimits.Rule.END, OptionalLong.of(7), 7, false).dmaMask()).isEqualTo(7);
            DmaRanges invalid = new DmaRanges(DmaRanges.Result.INVALID, List.of());
            assertThat(DmaLimits.of(invalid, DmaLimits.Rule.END, OptionalLong.of(7), 7, false).error()).isEqualTo(Errno.EINVAL);
        }

        @Test
        void aMissingMaskIsWarnedOfAndReplacedByTheCoherentOne() {
            DmaLimits limits = DmaLimits.of(NONE, DmaLimits.Rule.END, OptionalLong.empty(), 0xffffffffL, true);
            assertThat(limits.dmaMask()).isEqualTo(0xffffffffL);
            assertThat(limits.warnings()).containsExactly("DMA mask not set");
        }
    }

    @Test
    void coherenceIsSaidByTheNearestNode() {
        DeviceTree tree = DtsReader.read("t", "/dts-v1/; / { a { dma-coherent; b { dma-noncoherent; c { }; }; d { }; };"
            + " e { }; };");
        assertThat(DmaRanges.coherent(tree, tree.byPath("/a/b/c"), true)).isFalse();
        assertThat(DmaRanges.coherent(tree, tree.byPath("/a/d"), false)).isTrue();
        assertThat(DmaRanges.coherent(tree, tree.byPath("/e"), true)).isTrue();
        assertThat(DmaRanges.coherent(tree, tree.byPath("/e"), false)).isFalse();
    }
}
