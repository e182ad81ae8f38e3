package org.latebind.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The drivers that are there, by the number the engine knows them by, in order of registration. Owner thread. */
final class DriverTable {

    private final Map<Integer, LiveDriver> byNumber = new TreeMap<>();
    private final List<LiveDriver> inOrder = new ArrayList<>();

    void add(LiveDriver driver) {
        byNumber.put(driver.index(), driver);
        inOrder.add(driver);
    }

    void remove(LiveDriver driver) {
        byNumber.remove(driver.index(), driver);
        inOrder.remove(driver);
    }

    /** The driver of this number, or null when it is not there. */
    LiveDriver at(int number) {
        return byNumber.get(number);
    }

    boolean contains(LiveDriver driver) {
        return byNumber.get(driver.index()) == driver;
    }

    Stream<LiveDriver> inOrder() {
        return inOrder.stream();
    }

    /** The driver of this name, or null. */
    LiveDriver named(String name) {
        return inOrder.stream().filter(driver -> driver.name().equals(name)).findFirst().orElse(null);
    }
}
