package org.latebind.explorer;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;

/**
 * The constraints as a partial order. Elements: modules of the catalogue by number, late-init, expiry, and names that stand for
 * nothing here but carry orders on.
 */
final class Poset {

    private static final int MEMO_MAX = 200_000;

    private final ModuleCatalogue catalogue;
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final List<BitSet> before = new ArrayList<>();
    private final int modules;

    /**
     * Builds it.
     *
     * @throws ContradictionException naming a cycle when there is one
     */
    Poset(ModuleCatalogue catalogue, Constraints constraints) {
        this.catalogue = catalogue;
        this.modules = catalogue.modules().size();
        for (KernelModule module : catalogue.modules()) {
            add(module.name());
        }
        add(Constraints.LATE_INIT);
        add(Constraints.EXPIRE);
        for (Constraints.Order order : constraints.orders()) {
            before.get(number(order.after())).set(number(order.before()));
        }
        first(constraints.initramfs());
        levels(constraints.startLevels());
        close();
    }

    private int add(String name) {
        numbers.put(name, before.size());
        before.add(new BitSet());
        return before.size() - 1;
    }

    private int number(String name) {
        int module = catalogue.moduleIndex(name);
        if (module >= 0) {
            return module;
        }
        Integer known = numbers.get(name);
        return known == null ? add(name) : known;
    }

    private void first(Set<String> names) {
        BitSet early = new BitSet();
        names.forEach(name -> early.set(number(name)));
        if (!early.isEmpty()) {
            for (int m = 0; m < modules; m++) {
                if (!early.get(m)) {
                    before.get(m).or(early);
                }
            }
        }
    }

    private void levels(Map<String, Integer> levels) {
        Map<Integer, BitSet> byLevel = new java.util.TreeMap<>();
        BitSet all = new BitSet();
        levels.forEach((name, level) -> {
            byLevel.computeIfAbsent(level, l -> new BitSet()).set(number(name));
            all.set(number(name));
        });
        BitSet lower = new BitSet();
        for (BitSet level : byLevel.values()) {
            level.stream().forEach(m -> before.get(m).or(lower));
            lower.or(level);
        }
        before.get(lateInit()).or(all);
        for (int m = 0; m < modules; m++) {
            if (!all.get(m)) {
                before.get(m).or(all);
            }
        }
    }

    int lateInit() {
        return modules;
    }

    int expire() {
        return modules + 1;
    }

    private void close() {
        int[] state = new int[before.size()];
        List<Integer> path = new ArrayList<>();
        for (int x = 0; x < state.length; x++) {
            visit(x, state, path);
        }
    }

    /** Depth-first; finished elements know all that is before them. Recursion is as deep as the longest chain. */
    private void visit(int x, int[] state, List<Integer> path) {
        if (state[x] == 2) {
            return;
        }
        path.add(x);
        if (state[x] == 1) {
            List<String> names = new ArrayList<>(numbers.keySet());
            List<String> cycle = new ArrayList<>();
            for (int i = path.size() - 1; i > path.indexOf(x); i--) {
                cycle.add(names.get(path.get(i)));
            }
            throw new ContradictionException(cycle);
        }
        state[x] = 1;
        BitSet direct = (BitSet) before.get(x).clone();
        for (int y = direct.nextSetBit(0); y >= 0; y = direct.nextSetBit(y + 1)) {
            visit(y, state, path);
            before.get(x).or(before.get(y));
        }
        state[x] = 2;
        path.remove(path.size() - 1);
    }

    /** Everything that must come before the element, at any distance. */
    BitSet before(int element) {
        return before.get(element);
    }

    /** Names of catalogue modules that any order names, however far. */
    Set<String> related() {
        Set<String> names = new java.util.HashSet<>();
        for (int x = 0; x < before.size(); x++) {
            BitSet b = before.get(x);
            if (!b.isEmpty()) {
                if (x < modules) {
                    names.add(catalogue.module(x).name());
                }
                b.stream().filter(y -> y < modules).forEach(y -> names.add(catalogue.module(y).name()));
            }
        }
        return names;
    }

    /** Number of orders of these elements, or null when it is too costly to count. */
    BigInteger orders(BitSet elements) {
        return new Counter().count(elements);
    }

    /** Counts linear extensions: apart what is independent, one after the other what is in series, else by the first element. */
    private final class Counter {
        private final Map<BitSet, BigInteger> memo = new HashMap<>();
        private final List<BigInteger> factorials = new ArrayList<>(List.of(BigInteger.ONE));

        BigInteger count(BitSet p) {
            if (p.cardinality() < 2) {
                return BigInteger.ONE;
            }
            BigInteger known = memo.get(p);
            if (known != null) {
                return known;
            }
            if (memo.size() > MEMO_MAX) {
                return null;
            }
            BigInteger result = BigInteger.ONE;
            List<BitSet> parts = parts(p, true);
            if (parts.size() > 1) {
                result = factorial(p.cardinality());
                for (BitSet part : parts) {
                    result = times(result, count(part));
                    result = result == null ? null : result.divide(factorial(part.cardinality()));
                }
            } else {
                parts = parts(p, false);
                if (parts.size() > 1) {
                    for (BitSet part : parts) {
                        result = times(result, count(part));
                    }
                } else {
                    result = byFirst(p);
                }
            }
            memo.put((BitSet) p.clone(), result);
            return result;
        }

        private BigInteger byFirst(BitSet p) {
            BigInteger sum = BigInteger.ZERO;
            for (int x = p.nextSetBit(0); x >= 0; x = p.nextSetBit(x + 1)) {
                if (!before.get(x).intersects(p)) {
                    BitSet rest = (BitSet) p.clone();
                    rest.clear(x);
                    BigInteger one = count(rest);
                    if (one == null) {
                        return null;
                    }
                    sum = sum.add(one);
                }
            }
            return sum;
        }

        private BigInteger times(BigInteger a, BigInteger b) {
            return a == null || b == null ? null : a.multiply(b);
        }

        private BigInteger factorial(int n) {
            while (factorials.size() <= n) {
                factorials.add(factorials.get(factorials.size() - 1).multiply(BigInteger.valueOf(factorials.size())));
            }
            return factorials.get(n);
        }

        /** Connected parts of the graph of comparable (or of incomparable) pairs. */
        private List<BitSet> parts(BitSet p, boolean comparable) {
            List<BitSet> parts = new ArrayList<>();
            BitSet left = (BitSet) p.clone();
            while (!left.isEmpty()) {
                BitSet part = new BitSet();
                BitSet todo = new BitSet();
                todo.set(left.nextSetBit(0));
                while (!todo.isEmpty()) {
                    int x = todo.nextSetBit(0);
                    todo.clear(x);
                    left.clear(x);
                    part.set(x);
                    for (int y = left.nextSetBit(0); y >= 0; y = left.nextSetBit(y + 1)) {
                        if ((before.get(x).get(y) || before.get(y).get(x)) == comparable) {
                            todo.set(y);
                        }
                    }
                }
                parts.add(part);
            }
            return parts;
        }
    }
}
