package org.latebind.explorer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What may not come before what. Modules that are not in the catalogue or built in are ignored, and orders through them are
 * kept. Names take {@code -} and {@code _} as the same.
 *
 * @param orders      one element before another
 * @param initramfs   modules that load before all modules that are not in this set; empty for no such set
 * @param startLevels modules with a start level of at least 1: lower levels first, all of them before late-init and before
 *                    modules without a level; empty for none
 */
public record Constraints(List<Order> orders, Set<String> initramfs, Map<String, Integer> startLevels) {

    /** Name of late-init in an order. */
    public static final String LATE_INIT = "late-init";

    /** Name of the timer's expiry in an order. */
    public static final String EXPIRE = "expire";

    /** No constraints. */
    public static final Constraints NONE = new Constraints(List.of(), Set.of(), Map.of());

    /** Copies. */
    public Constraints {
        orders = List.copyOf(orders);
        initramfs = Set.copyOf(initramfs);
        startLevels = Map.copyOf(startLevels);
    }

    /** Where an order comes from. */
    public enum Origin { /** modules.dep. */ DEP, /** modules.softdep, modprobe.d. */ SOFTDEP,
        /** The initramfs. */ INITRAMFS, /** Start levels. */ START_LEVEL, /** Given by hand, or a repair. */ GIVEN }

    /**
     * One order.
     *
     * @param before element that comes first: a module, {@link #LATE_INIT} or {@link #EXPIRE}; not null
     * @param after  element that comes later; not null
     * @param origin where it comes from; not null
     */
    public record Order(String before, String after, Origin origin) {
        /** Checks. */
        public Order {
            Objects.requireNonNull(before, "before");
            Objects.requireNonNull(after, "after");
            Objects.requireNonNull(origin, "origin");
        }
    }

    /** These and one more order. */
    public Constraints with(Order order) {
        List<Order> more = new ArrayList<>(orders);
        more.add(order);
        return new Constraints(more, initramfs, startLevels);
    }

    /** These with this initramfs. */
    public Constraints withInitramfs(Set<String> modules) {
        return new Constraints(orders, modules, startLevels);
    }

    /** These with these start levels. */
    public Constraints withStartLevels(Map<String, Integer> levels) {
        return new Constraints(orders, initramfs, levels);
    }
}
