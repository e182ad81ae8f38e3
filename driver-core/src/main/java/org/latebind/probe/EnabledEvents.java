package org.latebind.probe;

import java.util.ArrayList;
import java.util.List;

/**
 * Which events a search may try next.
 *
 * @param load     modules that are not loaded
 * @param unload   loaded modules that would not be refused
 * @param lateInit late-init, while it has not been
 * @param expire   the timer, while it is armed
 * @param unbind   bound devices whose drivers allow it
 * @param bind     unbound devices with a registered matching driver
 */
public record EnabledEvents(boolean load, boolean unload, boolean lateInit, boolean expire, boolean unbind, boolean bind) {

    /** Loads, late-init and one expiry. */
    public static final EnabledEvents DEFAULT = new EnabledEvents(true, false, true, true, false, false);

    /** Returns the events, in a fixed order. With asynchronous probes in flight only those. */
    public List<Event> in(State s) {
        List<Event> events = new ArrayList<>();
        for (int device : s.asyncInFlight()) {
            events.add(new Event.RunAsync(device));
        }
        if (!events.isEmpty()) {
            return events;
        }
        modules(s, events);
        if (lateInit && !s.lateInitDone()) {
            events.add(new Event.LateInit());
        }
        if (expire && s.timerDueMicros() >= 0) {
            events.add(new Event.Expire());
        }
        for (int d = 0; d < s.t.deviceCount; d++) {
            int driver = s.driver(d);
            if (unbind && driver >= 0 && s.catalogue().driver(driver).manualBind()) {
                events.add(new Event.Unbind(d));
            } else if (bind && driver < 0 && s.present(d) && s.anyDriverMatches(d)) {
                events.add(new Event.Bind(d, -1));
            }
        }
        return events;
    }

    private void modules(State s, List<Event> events) {
        for (int m = 0; m < s.t.moduleCount; m++) {
            if (s.catalogue().module(m).builtin()) {
                continue;
            }
            if (load && !s.loaded(m)) {
                events.add(new Event.Load(m));
            } else if (unload && s.loaded(m) && Modules.refusal(s, m) == null) {
                events.add(new Event.Unload(m, false));
            }
        }
    }
}
