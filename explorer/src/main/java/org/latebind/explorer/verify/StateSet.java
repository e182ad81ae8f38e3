package org.latebind.explorer.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The packed states of a certificate. Plain on purpose. */
final class StateSet {

    private record Key(long[] words) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key k && Arrays.equals(k.words, words);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(words);
        }
    }

    private final Set<Key> set = new HashSet<>();
    private final List<long[]> list = new ArrayList<>();

    boolean add(long[] state) {
        list.add(state);
        return set.add(new Key(state));
    }

    boolean contains(long[] state) {
        return set.contains(new Key(state));
    }

    List<long[]> states() {
        return list;
    }
}
