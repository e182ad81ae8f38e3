package org.latebind.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.latebind.driver.Driver;
import org.latebind.probe.DriverDescription;

/** A driver service that is there now. Fields without comment belong to the owner thread. */
final class LiveDriver {

    /** Gets and gives back the service object; both run as driver calls, because they may run foreign code. */
    interface Source {

        /** Returns the driver, or null when it is gone already. */
        Driver get();

        /** Gives it back. */
        void unget();
    }

    private final DriverDescription description;
    private final String bundle;
    private final Source source;
    private final List<String> devices = new ArrayList<>();
    private Driver driver;
    private int index = -1;
    /** Any thread. */
    private volatile boolean departing;

    LiveDriver(DriverDescription description, String bundle, Source source) {
        this.description = Objects.requireNonNull(description, "description");
        this.bundle = Objects.requireNonNull(bundle, "bundle");
        this.source = Objects.requireNonNull(source, "source");
    }

    String name() {
        return description.name();
    }

    DriverDescription description() {
        return description;
    }

    String bundle() {
        return bundle;
    }

    List<String> devices() {
        return devices;
    }

    int index() {
        return index;
    }

    void index(int number) {
        index = number;
    }

    boolean departing() {
        return departing;
    }

    void depart() {
        departing = true;
    }

    /** The service object; call it as a driver call. */
    Driver driver() {
        if (driver == null) {
            driver = source.get();
        }
        return driver;
    }

    /** Gives the service object back; call it as a driver call. */
    void release() {
        if (driver != null) {
            driver = null;
            source.unget();
        }
    }
}
