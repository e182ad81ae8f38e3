package org.latebind.devicetree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Errno;

class ReferenceListTest {

    private static final String NODES = """
        /dts-v1/;
        / {
            #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
            zero: iommu0 { #iommu-cells = <0>; };
            one: iommu1 { #iommu-cells = <1>; };
            two: iommu2 { #iommu-cells = <2>; };
            none: device { };
            gic: gic { #interrupt-cells = <3>; interrupt-controller; };
            gpio: gpio { #interrupt-cells = <2>; interrupt-controller; };
            m { %s };
        };
        """;

    private static DeviceTree tree(String properties) {
        return DtsReader.read("t.dts", NODES.formatted(properties));
    }

    private static List<String> iommus(String properties) {
        DeviceTree tree = tree(properties);
        return ReferenceList.iommus(tree, tree.byPath("/m")).entries().stream().map(Reference::toString).toList();
    }

    private static String problem(String properties) {
        DeviceTree tree = tree(properties);
        return ReferenceList.iommus(tree, tree.byPath("/m")).problem();
    }

    @Nested
    class Iommus {

        @Test
        void entriesHaveAsManyCellsAsTheirTargetSays() {
            assertThat(iommus("iommus = <&zero &one 5 &two 6 7 &zero>;"))
                .containsExactly("/iommu0", "/iommu1 5", "/iommu2 6 7", "/iommu0");
            assertThat(problem("iommus = <&zero &one 5 &two 6 7 &zero>;")).isNull();
        }

        @Test
        void orderAndDuplicatesAreKept() {
            assertThat(iommus("iommus = <&one 2>, <&one 1>, <&one 2>;")).containsExactly("/iommu1 2", "/iommu1 1", "/iommu1 2");
        }

        @Test
        void theFirstEntryThatCannotBeReadEndsTheList() {
            assertThat(iommus("iommus = <&one 1>, <99 1>, <&one 2>;")).containsExactly("/iommu1 1");
            assertThat(problem("iommus = <&one 1>, <99 1>, <&one 2>;"))
                .isEqualTo("/m: iommus: entry 1 names phandle 0x63, which no node has");
            assertThat(problem("iommus = <&none 1>;")).isEqualTo("/m: iommus: entry 0 names /device, which has no #iommu-cells");
            assertThat(problem("iommus = <&two 1>;")).isEqualTo("/m: iommus: entry 0 has 1 cells, not the 2 that /iommu2 wants");
            assertThat(problem("iommus = <0>;")).isEqualTo("/m: iommus: entry 0 is empty (phandle 0)");
            assertThat(problem("iommus = <&one 1>, [00];")).isEqualTo("/m: iommus: entry 1 is no whole number of cells");
        }

        @Test
        void whoeverIsStrictGetsTheProblemAsAnError() {
            DeviceTree tree = tree("iommus = <99 1>;");
            assertThatThrownBy(() -> ReferenceList.iommus(tree, tree.byPath("/m")).strict(tree))
                .hasMessage("t.dts: /m: iommus: entry 0 names phandle 0x63, which no node has");
        }

        @Test
        void legacyMastersHaveTheirOwnNumberOfStreamIds() {
            DeviceTree tree = DtsReader.read("t", """
                /dts-v1/;
                / { a: a { #stream-id-cells = <2>; }; b: b { #stream-id-cells = <1>; };
                    smmu { compatible = "arm,smmu-v1"; mmu-masters = <&a 1 2 &b 3>; }; };
                """);
            assertThat(ReferenceList.mmuMasters(tree, tree.byPath("/smmu")).entries()).extracting(Reference::toString)
                .containsExactly("/a 1 2", "/b 3");
            assertThat(Inspection.of("t", tree).toMap().get("mmuMasters").toString())
                .isEqualTo("[{iommu=/smmu, master=/a, ids=[1, 2]}, {iommu=/smmu, master=/b, ids=[3]}]");
        }
    }

    @Nested
    class Interrupts {

        private List<String> interrupts(String properties) {
            DeviceTree tree = tree(properties);
            return ReferenceList.interrupts(tree, tree.byPath("/m")).entries().stream().map(Reference::toString).toList();
        }

        @Test
        void theInterruptParentIsLookedForUpward() {
            assertThat(interrupts("interrupts = <0 1 4 0 2 4>;")).containsExactly("/gic 0 1 4", "/gic 0 2 4");
            assertThat(interrupts("interrupt-parent = <&gpio>; interrupts = <7 1>;")).containsExactly("/gpio 7 1");
        }

        @Test
        void extendedInterruptsComeFirst() {
            assertThat(interrupts("interrupts = <0 1 4>; interrupts-extended = <&gpio 3 1 &gic 0 9 4>;"))
                .containsExactly("/gpio 3 1", "/gic 0 9 4");
        }

        @Test
        void interruptParentsInACircleAreNoParent() {
            DeviceTree tree = DtsReader.read("t", "/dts-v1/; / { a: a { interrupt-parent = <&b>; interrupts = <1>; };"
                + " b: b { interrupt-parent = <&a>; }; };");
            assertThat(ReferenceList.interrupts(tree, tree.byPath("/a")).problem())
                .isEqualTo("/a: interrupts: entry 0 has no interrupt parent");
        }
    }

    @Nested
    class Maps {

        private IommuMap map(String properties, IommuMap.Reading reading) {
            DeviceTree tree = tree(properties);
            return IommuMap.of(tree, tree.byPath("/m"), reading);
        }

        private String answer(String properties, int rid) {
            IommuMap.Answer answer = map(properties, IommuMap.Reading.FOUR_CELLS).translate(rid);
            return answer instanceof IommuMap.Mapped m ? m.reference().toString()
                : answer instanceof IommuMap.Wrong w ? w.errno().name() : "past";
        }

        @Test
        void anIdInARangeIsMoved() {
            String map = "iommu-map = <0x100 &one 0x1000 0x10>, <0x200 &zero 0 1>;";
            assertThat(answer(map, 0x100)).isEqualTo("/iommu1 4096");
            assertThat(answer(map, 0x10f)).isEqualTo("/iommu1 4111");
            assertThat(answer(map, 0x110)).isEqualTo("past");
            assertThat(answer(map, 0x200)).isEqualTo("/iommu0 0");
        }

        @Test
        void theMaskIsAppliedBefore() {
            assertThat(answer("iommu-map = <0 &one 5 1>; iommu-map-mask = <0>;", 0xffff)).isEqualTo("/iommu1 5");
            assertThat(answer("iommu-map = <0x100 &one 5 1>; iommu-map-mask = <0xff>;", 0x100)).isEqualTo(Errno.EFAULT.name());
        }

        @Test
        void aMatchBeforeABadEntryIsGood() {
            assertThat(answer("iommu-map = <0 &one 5 1>, <0x100 &one 5 1>; iommu-map-mask = <0xff>;", 0)).isEqualTo("/iommu1 5");
        }

        @Test
        void aBadMapHasLinuxErrorNumbers() {
            assertThat(answer("iommu-map = <0 &one 5>;", 0)).isEqualTo("EINVAL");
            assertThat(answer("iommu-map;", 0)).isEqualTo("EINVAL");
            assertThat(answer("iommu-map = <0 99 5 1>;", 0)).isEqualTo("ENODEV");
        }

        @Test
        void aTargetWithTwoCellsHasEntriesOfFiveCells() {
            IommuMap map = map("iommu-map = <0 &two 7 8 1>, <1 &one 9 4>;", IommuMap.Reading.TARGET_CELLS);
            assertThat(map.problem()).isNull();
            assertThat(((IommuMap.Mapped) map.translate(0)).reference()).hasToString("/iommu2 7 8");
            assertThat(((IommuMap.Mapped) map.translate(3)).reference()).hasToString("/iommu1 11");
        }

        @Test
        void severalCellsNeedALengthOfOne() {
            IommuMap map = map("iommu-map = <0 &two 7 8 2>;", IommuMap.Reading.TARGET_CELLS);
            assertThat(map.problem()).isEqualTo("/m: iommu-map: entry 0 has 2 specifier cells and a length other than 1");
        }

        @Test
        void aFourCellMapToATwoCellTargetIsReadAsOneCellWithAWarning() {
            IommuMap map = map("iommu-map = <0 &two 7 1>, <1 &two 8 1>;", IommuMap.Reading.TARGET_CELLS);
            assertThat(map.warning()).contains("read as one cell");
            assertThat(((IommuMap.Mapped) map.translate(1)).reference()).hasToString("/iommu2 8");
        }
    }
}
