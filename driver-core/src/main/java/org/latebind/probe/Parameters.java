package org.latebind.probe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Parameters by their kernel names, as texts; immutable. What is not set has the policy's default. Accepted names and values
 * are in
 * {@link #NAMES}; setting any other fails with one clear line.
 */
public final class Parameters {

    /** Nothing set. */
    public static final Parameters DEFAULTS = new Parameters(Map.of());

    /** Accepted names, each with the values it takes. */
    public static final Map<String, String> NAMES = names();

    /** The kernel keeps 256 characters of {@code driver_async_probe}, the end of the text included; the rest is lost. */
    private static final int ASYNC_NAMES_LENGTH = 255;

    private final TreeMap<String, String> values;

    private Parameters(Map<String, String> values) {
        this.values = new TreeMap<>(values);
    }

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("deferred_probe_timeout", "seconds; 0 none after late-init; negative for ever");
        names.put("fw_devlink", "off|permissive|on|rpm");
        names.put("fw_devlink.strict", "0|1");
        names.put("fw_devlink.sync_state", "strict|timeout");
        names.put("iommu.passthrough", "0|1");
        names.put("iommu.strict", "0|1");
        names.put("arm-smmu.disable_bypass", "0|1");
        names.put("driver_async_probe", "names, comma separated; * all but the named");
        names.put("async_probe", "module names, comma separated");
        names.put("modules", "y|n");
        names.put("builtin", "module names, comma separated");
        names.put("unknown_suppliers", "wait|ready");
        names.put("async_order", "serial|choice");
        names.put("ipmmu-vmsa.allow", "linux|bsp|all");
        names.put("xen", "0|1");
        names.put("dom0", "0|1");
        return java.util.Collections.unmodifiableMap(names);
    }

    /**
     * Returns these parameters with one more set.
     *
     * @throws IllegalArgumentException naming the parameter and what it takes, when name or value is not known
     */
    public Parameters with(String name, String value) {
        Objects.requireNonNull(value, "value");
        String takes = NAMES.get(name);
        if (takes == null) {
            throw new IllegalArgumentException("unknown parameter " + name + "; known: " + String.join(", ", NAMES.keySet()));
        }
        Map<String, String> changed = new TreeMap<>(values);
        changed.put(name, checked(name, value, takes));
        return new Parameters(changed);
    }

    private static String checked(String name, String value, String takes) {
        boolean good = switch (takes) {
            case "0|1" -> bool(value) != null;
            case "y|n" -> bool(value) != null;
            default -> takes.startsWith("seconds") ? value.matches("[+-]?[0-9]{1,6}")
                : !takes.matches("[a-z]+(\\|[a-z]+)+") || List.of(takes.split("\\|")).contains(value);
        };
        if (!good) {
            throw new IllegalArgumentException("parameter " + name + " takes " + takes + ", not \"" + value + "\"");
        }
        return value;
    }

    private static Boolean bool(String value) {
        return switch (value) {
            case "1", "y", "Y", "yes", "on", "true" -> Boolean.TRUE;
            case "0", "n", "N", "no", "off", "false" -> Boolean.FALSE;
            default -> null;
        };
    }

    /** Returns what is set, by name. */
    public Map<String, String> values() {
        return java.util.Collections.unmodifiableMap(values);
    }

    private boolean flag(String name, boolean otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : bool(value);
    }

    /** Whether {@code deferred_probe_timeout} is set. */
    public boolean timeoutGiven() {
        return values.containsKey("deferred_probe_timeout");
    }

    /** {@code deferred_probe_timeout} in seconds, or the policy's default; kernels before 4.19 do not know the parameter. */
    public int timeoutSeconds(Policy policy) {
        String value = values.get("deferred_probe_timeout");
        if (value != null && policy.timer()) {
            return Integer.parseInt(value);
        }
        return modules() ? policy.timeoutSeconds() : Math.min(policy.timeoutSeconds(), 0);
    }

    /** {@code fw_devlink}, or the policy's default. */
    public FwDevlink fwDevlink(Policy policy) {
        String value = values.get("fw_devlink");
        return value == null ? policy.fwDevlink() : FwDevlink.valueOf(value.toUpperCase(java.util.Locale.ROOT));
    }

    /** {@code fw_devlink.strict}, or the policy's default. */
    public boolean strict(Policy policy) {
        return flag("fw_devlink.strict", policy.strict());
    }

    /** {@code fw_devlink.sync_state}: whether the timer's end also ends waiting for consumers before sync_state. */
    public boolean syncStateTimesOut() {
        return "timeout".equals(values.get("fw_devlink.sync_state"));
    }

    /** {@code iommu.passthrough}: default domains are identity. */
    public boolean passthrough() {
        return flag("iommu.passthrough", false);
    }

    /** {@code iommu.strict}: invalidate at once (else lazily, domain type DMA-FQ). */
    public boolean strictInvalidation() {
        return flag("iommu.strict", true);
    }

    /** {@code arm-smmu.disable_bypass}: unattached streams are aborted. */
    public boolean disableBypass() {
        return flag("arm-smmu.disable_bypass", true);
    }

    /** {@code modules}: whether the kernel can load modules. */
    public boolean modules() {
        return flag("modules", true);
    }

    /** {@code builtin}: names of the built-in modules, or null when the catalogue says so itself. */
    public List<String> builtins() {
        return values.containsKey("builtin") ? split("builtin", Integer.MAX_VALUE) : null;
    }

    /** {@code unknown_suppliers}: whether a supplier that no driver of the catalogue drives counts as ready. */
    public boolean unknownSuppliersReady() {
        return "ready".equals(values.get("unknown_suppliers"));
    }

    /** {@code async_order}: whether the order of asynchronous probes is left open ({@link Event.RunAsync}). */
    public boolean asyncChoice() {
        return "choice".equals(values.get("async_order"));
    }

    /** {@code ipmmu-vmsa.allow}: which clients the IPMMU driver takes. */
    public String ipmmuAllow() {
        return values.getOrDefault("ipmmu-vmsa.allow", "linux");
    }

    /** {@code xen}: the core plays Xen under any policy, so that IOMMU drivers serve guests; under Xen's own it always does. */
    public boolean playsXen() {
        return flag("xen", false);
    }

    /** {@code dom0}: when Xen's boot is over, the hardware domain is built and gets the devices that are not set aside. */
    public boolean hardwareDomain() {
        return flag("dom0", false);
    }

    /** Whether {@code driver_async_probe} makes this driver asynchronous; its own wish is asked first. */
    public boolean asyncProbe(String driver) {
        List<String> names = split("driver_async_probe", ASYNC_NAMES_LENGTH);
        return names.contains("*") != names.contains(driver);
    }

    /** Whether the module is loaded with the option {@code async_probe}, which every module has. */
    public boolean asyncModule(String module) {
        return split("async_probe", Integer.MAX_VALUE).contains(module);
    }

    private List<String> split(String name, int length) {
        List<String> parts = new ArrayList<>();
        String value = values.getOrDefault(name, "");
        for (String part : value.substring(0, Math.min(value.length(), length)).split(",")) {
            if (!part.isBlank()) {
                parts.add(part.strip());
            }
        }
        return parts;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Parameters p && values.equals(p.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
