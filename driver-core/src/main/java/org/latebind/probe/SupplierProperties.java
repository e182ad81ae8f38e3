package org.latebind.probe;

/**
 * The properties that make the core link a consumer to a supplier, by kernel generation (driver-core sheet, section 5.2).
 */
public final class SupplierProperties {

    /** Texts of the kernel whose tables differ. */
    public enum Era { /** 5.10. */ V5_10, /** 6.1. */ V6_1, /** 6.12. */ V6_12, /** 7.3. */ V7_3 }

    /** What a property means in one era. */
    public enum Use { /** Not looked at. */ NONE, /** Ignored unless strict. */ OPTIONAL, /** Holds the consumer. */ MANDATORY,
        /** Says that the consumer does not wait for this node, whatever else names it. */ EXEMPT }

    private SupplierProperties() {
    }

    /** Returns what {@code property} means in {@code era}. */
    public static Use use(String property, Era era) {
        return switch (property) {
            case "clocks", "interconnects", "mboxes", "hwlocks", "phys", "power-domains", "io-channels", "extcon",
                "wakeup-parent", "nvmem-cells" -> Use.MANDATORY;
            case "iommus", "iommu-map", "dmas" -> era == Era.V5_10 ? Use.MANDATORY : Use.OPTIONAL;
            case "interrupt-parent" -> since(era, Era.V5_10, Era.V6_12);
            case "interrupts" -> from(era, Era.V6_1);
            case "interrupts-extended" -> Use.MANDATORY;
            case "interrupt-map", "msi-parent", "io-backends", "access-controllers", "pses",
                "power-supplies" -> from(era, Era.V6_12);
            case "remote-endpoint", "pwms", "resets", "leds", "backlight", "panel" -> from(era, Era.V6_1);
            case "gpio", "gpios" -> from(era, Era.V6_1);
            case "mmc-pwrseq" -> from(era, Era.V7_3);
            case "post-init-providers" -> era.compareTo(Era.V6_12) >= 0 ? Use.EXEMPT : Use.NONE;
            default -> suffixed(property, era);
        };
    }

    private static Use suffixed(String property, Era era) {
        if (property.endsWith("-supply") || property.endsWith("-gpio")
                || property.endsWith("-gpios") && !property.endsWith(",nr-gpios")) {
            return Use.MANDATORY;
        }
        if (numberedPinctrl(property)) {
            return era == Era.V7_3 || property.length() == 9 && property.charAt(8) != '9' ? Use.MANDATORY : Use.NONE;
        }
        return Use.NONE;
    }

    private static boolean numberedPinctrl(String property) {
        if (property.length() < 9 || !property.startsWith("pinctrl-")) {
            return false;
        }
        return property.chars().skip(8).allMatch(c -> c >= '0' && c <= '9');
    }

    private static Use from(Era era, Era first) {
        return era.compareTo(first) >= 0 ? Use.MANDATORY : Use.NONE;
    }

    private static Use since(Era era, Era first, Era last) {
        return era.compareTo(first) >= 0 && era.compareTo(last) < 0 ? Use.MANDATORY : Use.NONE;
    }

    /** Whether a target without its number of cells wants none (observed in 6.12); before, reading a list ends there. */
    static boolean assumesNoCells(Era era) {
        return era.compareTo(Era.V6_12) >= 0;
    }

    /** Returns the property of the target that says how many argument cells follow its phandle; null for none. */
    public static String cells(String property) {
        return switch (property) {
            case "clocks" -> "#clock-cells";
            case "interconnects" -> "#interconnect-cells";
            case "iommus" -> "#iommu-cells";
            case "mboxes" -> "#mbox-cells";
            case "hwlocks" -> "#hwlock-cells";
            case "phys" -> "#phy-cells";
            case "power-domains" -> "#power-domain-cells";
            case "io-channels" -> "#io-channel-cells";
            case "io-backends" -> "#io-backend-cells";
            case "dmas" -> "#dma-cells";
            case "nvmem-cells" -> "#nvmem-cell-cells";
            case "pwms" -> "#pwm-cells";
            case "resets" -> "#reset-cells";
            case "msi-parent" -> "#msi-cells";
            case "pses" -> "#pse-cells";
            case "access-controllers" -> "#access-controller-cells";
            case "interrupts-extended" -> "#interrupt-cells";
            case "gpio", "gpios" -> "#gpio-cells";
            default -> property.endsWith("-gpio") || property.endsWith("-gpios") ? "#gpio-cells" : null;
        };
    }
}
