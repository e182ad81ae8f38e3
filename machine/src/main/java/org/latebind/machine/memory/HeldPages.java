package org.latebind.machine.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pages that may not be handed out again yet, and the frees that wait for them. Not thread safe. */
final class HeldPages {

    private static final int PAGE_SHIFT = 12;

    private final Map<Long, Integer> holds = new HashMap<>();
    private final Map<Long, Long> waitingFrees = new LinkedHashMap<>();

    void hold(long address, long sizeBytes) {
        for (long page = address >>> PAGE_SHIFT; page < (address + sizeBytes) >>> PAGE_SHIFT; page++) {
            holds.merge(page, 1, Integer::sum);
        }
    }

    /** Ends one hold; returns the frees that nothing holds back any more, as pairs of address and size. */
    List<long[]> release(long address, long sizeBytes) {
        for (long page = address >>> PAGE_SHIFT; page < (address + sizeBytes) >>> PAGE_SHIFT; page++) {
            if (holds.computeIfPresent(page, (p, n) -> n - 1) == null) {
                throw new IllegalArgumentException("page 0x" + Long.toHexString(page << PAGE_SHIFT) + " is not held");
            }
            holds.remove(page, 0);
        }
        List<long[]> ready = new ArrayList<>();
        waitingFrees.entrySet().removeIf(free -> {
            if (held(free.getKey(), free.getValue())) {
                return false;
            }
            ready.add(new long[] {free.getKey(), free.getValue()});
            return true;
        });
        return ready;
    }

    boolean held(long address, long sizeBytes) {
        if (holds.isEmpty()) {
            return false;
        }
        for (long page = address >>> PAGE_SHIFT; page <= (address + sizeBytes - 1) >>> PAGE_SHIFT; page++) {
            if (holds.containsKey(page)) {
                return true;
            }
        }
        return false;
    }

    /** Notes a free of held memory; false when the same memory waits already. */
    boolean defer(long address, long sizeBytes) {
        return waitingFrees.putIfAbsent(address, sizeBytes) == null;
    }
}
