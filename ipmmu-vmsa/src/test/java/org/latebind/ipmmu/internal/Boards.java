package org.latebind.ipmmu.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtbReader;
import org.latebind.devicetree.DtsReader;

/** Boards for tests: small ones as text, real ones from the shared inputs. */
final class Boards {

    static final List<String> RENESAS = List.of("r8a7790-lager", "r8a77951-salvator-xs", "r8a77960-salvator-xs",
            "r8a77965-salvator-xs", "r8a77990-ebisu", "r8a774a1-hihope-rzg2m", "r8a779g0-white-hawk", "salvator-xs-h3",
            "salvator-xs-m3w");

    private Boards() {
    }

    /** A small Gen3 board of SoC {@code r8a7795}: root last, as many leaves as asked, two masters each. */
    static DeviceTree gen3(int leaves) {
        return DtsReader.read("bench.dts", gen3Text(leaves));
    }

    static String gen3Text(int leaves) {
        return small("r8a7795", "renesas,ipmmu-r8a7795", 0x1000, 0xe6740000L, 0x1000, leaves, " 0", 32);
    }

    /** A Gen3 board whose only memory lies at {@code address}. */
    static DeviceTree gen3WithMemoryAt(long address) {
        return DtsReader.read("bench.dts", gen3Text(1)
                .replace("memory@48000000", String.format(Locale.ROOT, "memory@%x", address))
                .replace("reg = <0 0x48000000 0 0x10000000>", String.format(Locale.ROOT, "reg = <0x%x 0x%x 0 0x1000000>",
                        address >>> 32, address & 0xFFFF_FFFFL)));
    }

    /** A small Gen4 board: main phandle without a bit. */
    static DeviceTree gen4(int leaves) {
        return DtsReader.read("bench.dts", gen4Text(leaves));
    }

    static String gen4Text(int leaves) {
        return small("r8a779g0", "renesas,ipmmu-r8a779g0\", \"renesas,rcar-gen4-ipmmu-vmsa", 0x20000, 0xe8000000L, 0x20000,
                leaves, "", 63);
    }

    /** A small Gen2 board: every instance on its own. */
    static DeviceTree gen2(int instances) {
        return DtsReader.read("bench.dts", gen2Text(instances));
    }

    static String gen2Text(int instances) {
        StringBuilder text = head("r8a7790");
        for (int i = 0; i < instances; i++) {
            long address = 0xe6740000L + 0x10000L * i;
            text.append(String.format(Locale.ROOT, "leaf%d: iommu@%x {"
                    + " compatible = \"renesas,ipmmu-r8a7790\", \"renesas,ipmmu-vmsa\";"
                    + " reg = <0 0x%x 0 0x1000>; interrupts = <0 %d 4>; #iommu-cells = <1>; };%n", i, address, address, 198 + i));
        }
        return tail(text, instances, 15);
    }

    private static String small(String soc, String compatible, int window, long first, long stride, int leaves, String bit,
            int high) {
        StringBuilder text = head(soc);
        for (int i = 0; i < leaves; i++) {
            long address = first + stride * i;
            text.append(String.format(Locale.ROOT, "leaf%d: iommu@%x { compatible = \"%s\"; reg = <0 0x%x 0 0x%x>;"
                    + " renesas,ipmmu-main = <&mm%s>; #iommu-cells = <1>; };%n", i, address, compatible, address, window, bit));
        }
        text.append(String.format(Locale.ROOT, "mm: iommu@e67b0000 { compatible = \"%s\"; reg = <0 0xe67b0000 0 0x%x>;"
                + " interrupts = <0 196 4>, <0 197 4>; #iommu-cells = <1>; };%n", compatible, window));
        return tail(text, leaves, high);
    }

    private static StringBuilder head(String soc) {
        return new StringBuilder("/dts-v1/;\n/ { compatible = \"renesas," + soc + "\"; #address-cells = <2>; #size-cells = <2>;\n"
                + "memory@48000000 { device_type = \"memory\"; reg = <0 0x48000000 0 0x10000000>; };\n"
                + "gic: interrupt-controller@f1010000 { #interrupt-cells = <3>; interrupt-controller;"
                + " reg = <0 0xf1010000 0 0x1000>; };\n"
                + "soc { compatible = \"simple-bus\"; #address-cells = <2>; #size-cells = <2>; ranges;"
                + " interrupt-parent = <&gic>;\n"
                + "chipid@fff00044 { compatible = \"renesas,prr\"; reg = <0 0xfff00044 0 4>; };\n");
    }

    /** Two masters for each leaf: {@code a} with micro-TLBs 2, 31 and {@code high}, {@code b} with 2 (shared) and 7. */
    private static String tail(StringBuilder text, int leaves, int high) {
        for (int i = 0; i < leaves; i++) {
            long a = 0xec000000L + 0x20000L * i;
            text.append(String.format(Locale.ROOT, "a%d: dma@%x { reg = <0 0x%x 0 0x1000>; iommus = <&leaf%d 2>, <&leaf%d 31>,"
                    + " <&leaf%d %d>; };%n", i, a, a, i, i, i, high));
            text.append(String.format(Locale.ROOT, "b%d: dma@%x { reg = <0 0x%x 0 0x1000>;"
                    + " iommus = <&leaf%d 2>, <&leaf%d 7>; };%n",
                    i, a + 0x10000, a + 0x10000, i, i));
        }
        return text.append("}; };\n").toString();
    }

    static String leaf(DeviceTree tree, int i) {
        return labelled(tree, i, "iommu@", true);
    }

    static String master(DeviceTree tree, char which, int i) {
        return String.format(Locale.ROOT, "/soc/dma@%x", 0xec000000L + 0x20000L * i + (which == 'b' ? 0x10000 : 0));
    }

    private static String labelled(DeviceTree tree, int i, String prefix, boolean leaf) {
        return tree.nodes().stream().filter(n -> n.name().startsWith(prefix))
                .filter(n -> !leaf || !n.path().equals(root(tree))).skip(i).findFirst().orElseThrow().path();
    }

    /** The root of a Gen3 or Gen4 board; null for Gen2. */
    static String root(DeviceTree tree) {
        return tree.byPath("/soc/iommu@e67b0000") == null ? null : "/soc/iommu@e67b0000";
    }

    /** A real tree, or one of our boards; skips the test when the shared inputs are not there. */
    static DeviceTree real(String name) {
        if (name.startsWith("salvator-xs-")) {
            return DtsReader.read(Path.of("..", "boards", name + ".dts"));
        }
        Path file = Path.of(System.getProperty("latebind.shared", "../../shared"), "data", "dtb", name + ".dtb");
        Assumptions.assumeTrue(Files.exists(file), () -> "the compiled tree is not here: " + file);
        return DtbReader.read(file);
    }
}
