package org.latebind.explorer.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;

/** What must come before what, by the constraints of a certificate. Elements: modules by number, late-init, expiry. */
final class Orders {

    private final int modules;
    private final List<BitSet> before = new ArrayList<>();

    Orders(ModuleCatalogue catalogue, JsonNode constraints) {
        modules = catalogue.modules().size();
        Map<String, Integer> others = new LinkedHashMap<>();
        for (int i = 0; i < modules + 2; i++) {
            before.add(new BitSet());
        }
        others.put("late-init", modules);
        others.put("expire", modules + 1);
        for (JsonNode order : constraints.path("orders")) {
            int first = number(catalogue, others, order.get(0).asText());
            before.get(number(catalogue, others, order.get(1).asText())).set(first);
        }
        BitSet early = new BitSet();
        constraints.path("initramfs").forEach(name -> early.set(number(catalogue, others, name.asText())));
        putBefore(early);
        TreeMap<Integer, BitSet> levels = new TreeMap<>();
        BitSet levelled = new BitSet();
        for (Map.Entry<String, JsonNode> e : constraints.path("startLevels").properties()) {
            int number = number(catalogue, others, e.getKey());
            levels.computeIfAbsent(e.getValue().asInt(), l -> new BitSet()).set(number);
            levelled.set(number);
        }
        BitSet lower = new BitSet();
        for (BitSet level : levels.values()) {
            level.stream().forEach(m -> before.get(m).or(lower));
            lower.or(level);
        }
        before.get(modules).or(levelled);
        putBefore(levelled);
        close();
    }

    private int number(ModuleCatalogue catalogue, Map<String, Integer> others, String name) {
        int module = catalogue.moduleIndex(name);
        return module >= 0 ? module : others.computeIfAbsent(name, n -> {
            before.add(new BitSet());
            return before.size() - 1;
        });
    }

    private void putBefore(BitSet early) {
        for (int m = 0; m < modules; m++) {
            if (!early.get(m)) {
                before.get(m).or(early);
            }
        }
    }

    private void close() {
        for (int via = 0; via < before.size(); via++) {
            for (BitSet set : before) {
                if (set.get(via)) {
                    set.or(before.get(via));
                }
            }
        }
    }

    int lateInit() {
        return modules;
    }

    int expiry() {
        return modules + 1;
    }

    /** Whether {@code first} must come before {@code second}. */
    boolean before(int first, int second) {
        return before.get(second).get(first);
    }

    /** Names of modules that any order names. */
    java.util.Set<String> related(ModuleCatalogue catalogue) {
        java.util.Set<String> names = new java.util.TreeSet<>();
        BitSet named = new BitSet();
        for (int x = 0; x < before.size(); x++) {
            if (!before.get(x).isEmpty()) {
                named.set(x);
                named.or(before.get(x));
            }
        }
        for (int m = 0; m < modules; m++) {
            KernelModule module = catalogue.module(m);
            if (named.get(m)) {
                names.add(module.name());
            }
        }
        return names;
    }
}
