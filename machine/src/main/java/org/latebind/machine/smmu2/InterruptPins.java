package org.latebind.machine.smmu2;

import java.util.HashSet;
import java.util.Set;
import org.latebind.machine.ModelFactory;

/** The interrupt outputs: several sources may drive one pin, which is up while any of them is. */
final class InterruptPins {

    private final ModelFactory.Surroundings env;
    private final Set<Long> raised = new HashSet<>();

    InterruptPins(ModelFactory.Surroundings env) {
        this.env = env;
    }

    /** Sets one source of a pin. Pins the board did not connect are ignored. */
    void set(int pin, int source, boolean up) {
        if (pin < 0 || pin >= env.interruptCount()) {
            return;
        }
        boolean before = up(pin);
        long key = (long) pin << 32 | source;
        if (up) {
            raised.add(key);
        } else {
            raised.remove(key);
        }
        boolean after = up(pin);
        if (before != after) {
            env.interrupt(pin, after);
        }
    }

    /** Every source lets go. */
    void lowerAll() {
        raised.clear();
        for (int pin = 0; pin < env.interruptCount(); pin++) {
            env.interrupt(pin, false);
        }
    }

    private boolean up(int pin) {
        for (long key : raised) {
            if (key >>> 32 == pin) {
                return true;
            }
        }
        return false;
    }
}
