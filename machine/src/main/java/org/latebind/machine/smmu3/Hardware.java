package org.latebind.machine.smmu3;

import java.util.Arrays;
import java.util.List;
import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.Finding;
import org.latebind.machine.ModelFactory;

/** What the parts of one SMMU share: features, memory, wires and the complaints box. */
final class Hardware {

    private static final List<String> BINDING_ORDER = List.of("eventq", "gerror", "priq", "cmdq-sync");

    private final ModelFactory.Surroundings surroundings;
    private final Features features;
    private final List<String> lines;

    Hardware(ModelFactory.Surroundings surroundings) {
        this.surroundings = surroundings;
        this.features = Features.of(surroundings);
        List<String> names = surroundings.node().strings("interrupt-names");
        this.lines = names.isEmpty() ? BINDING_ORDER : names;
    }

    Features features() {
        return features;
    }

    /** Reads {@code into.length} consecutive words; false when there is no memory. */
    boolean read(long address, long[] into) {
        try {
            for (int i = 0; i < into.length; i++) {
                into[i] = surroundings.memory().read64(address + 8L * i);
            }
            return true;
        } catch (ExternalAbortException e) {
            return false;
        }
    }

    /** Writes consecutive words; false when there is no memory, with nothing written. */
    boolean write(long address, long[] words) {
        if (!surroundings.memory().isMemory(address, 8L * words.length)) {
            return false;
        }
        for (int i = 0; i < words.length; i++) {
            surroundings.memory().write64(address + 8L * i, words[i]);
        }
        return true;
    }

    /** Writes the word of a message-signalled interrupt; false when nothing is there. */
    boolean signal(long address, int data) {
        try {
            surroundings.memory().write32(address, data);
            return true;
        } catch (ExternalAbortException e) {
            return false;
        }
    }

    DescriptorSource memory() {
        long[] word = new long[1];
        return address -> read(address, word) ? new DescriptorSource.Fetched(word[0], null)
                : new DescriptorSource.Fetched(0, Fault.walk(Fault.F_WALK_EABT, address));
    }

    /** Pulses a wired interrupt by its name in the binding; a combined line stands for all of them. */
    void pulse(String name) {
        int index = lines.indexOf(name);
        int line = index >= 0 ? index : lines.indexOf("combined");
        if (line >= 0 && line < surroundings.interruptCount()) {
            surroundings.interrupt(line, true);
            surroundings.interrupt(line, false);
        }
    }

    void complain(String rule, String detail) {
        surroundings.report(new Finding(rule, surroundings.node().path(), detail));
    }

    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    static String hex(long[] words) {
        return Arrays.toString(Arrays.stream(words).mapToObj(Hardware::hex).toArray());
    }
}
