package org.latebind.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.latebind.driver.Driver;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.Unattached;

/**
 * What a driver says of itself, read from the attributes of its capability (namespace {@code latebind.driver}) or, for a driver
 * that is lent to a bundle without code, from the properties of its service. Pure.
 *
 * <p>Attributes: {@code latebind.driver} (name), {@code compatible}, {@code iommu}, {@code suppliers}, {@code unattached}
 * as {@link org.latebind.driver.DriverCapability} writes them; {@code ids} (modalias patterns), {@code creates} (bus of the
 * devices its probe brings up) and {@code bus} besides. An attribute with an unknown value counts as not given.
 */
public final class DriverAttributes {

    private DriverAttributes() {
    }

    /**
     * Reads a description.
     *
     * @return the description, or null when there is no name
     */
    public static DriverDescription read(Map<String, Object> attributes) {
        List<String> names = strings(attributes.get(Driver.NAME));
        if (names.size() != 1) {
            return null;
        }
        DriverDescription description = DriverDescription.named(names.get(0))
                .withCompatible(strings(attributes.get("compatible")).toArray(String[]::new))
                .withIds(strings(attributes.get("ids")).toArray(String[]::new))
                .withSuppliersAsked(strings(attributes.get("suppliers")).toArray(String[]::new));
        if (flag(attributes.get("iommu"))) {
            boolean aborts = "abort".equals(attributes.get("unattached"));
            description = description.withIommu(aborts ? Unattached.ABORT : Unattached.BYPASS)
                    .withGrouping(grouping(attributes.get("grouping")))
                    .withClientLinks(flag(attributes.get("links"))).withEnabledAfterRemove(flag(attributes.get("persistent")));
        }
        if (attributes.get("creates") instanceof String bus) {
            description = description.withCreatesDevices(bus);
        }
        if (attributes.get("bus") instanceof String bus) {
            description = description.withBus(bus);
        }
        return description;
    }

    private static boolean flag(Object value) {
        return Boolean.parseBoolean(String.valueOf(value));
    }

    private static DriverDescription.Grouping grouping(Object value) {
        return switch (String.valueOf(value)) {
            case "instance" -> DriverDescription.Grouping.INSTANCE;
            case "stream" -> DriverDescription.Grouping.STREAM;
            case "exclusive" -> DriverDescription.Grouping.EXCLUSIVE;
            default -> DriverDescription.Grouping.DEVICE;
        };
    }

    private static List<String> strings(Object value) {
        List<String> strings = new ArrayList<>();
        if (value instanceof Collection<?> many) {
            many.forEach(one -> strings.add(String.valueOf(one)));
        } else if (value instanceof Object[] many) {
            Arrays.asList(many).forEach(one -> strings.add(String.valueOf(one)));
        } else if (value instanceof String one && !one.isEmpty()) {
            strings.add(one);
        }
        return strings;
    }
}
