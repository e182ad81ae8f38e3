package org.latebind.explorer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import org.latebind.probe.Outcome;

/**
 * Breadth-first search over one slice, on one thread or many. Keeps, for watched devices, the first settled states of each
 * outcome. What is found, and in which order, does not depend on the number of threads: they expand neighbouring states, and
 * what they found is put together in the order of those.
 */
final class Search {

    /** What a path to a settled state contains. */
    enum Kind {
        /** Loads, late-init, expiry. */ PLAIN,
        /** Unloads too. */ UNLOADS,
        /** Failures or binds by hand too. */ FORCED
    }

    /** Settled states kept for one outcome of one device: when the first cannot be shown on the whole board, another may. */
    static final int ALTERNATIVES_MAX = 64;
    /** States one thread expands before what it found is taken over. */
    private static final int BATCH = 512;

    private final Moves moves;
    private final StateStore store;
    private final List<Map<Outcome, List<List<Integer>>>> settled = new ArrayList<>();
    private final Expander.Loss[] losses;
    private final IntConsumer progress;
    private long transitions;
    private boolean complete = true;
    private boolean triggerMatters;

    /**
     * Prepares a search.
     *
     * @param most     states stored at most
     * @param progress told the number of states now and then
     */
    Search(Moves moves, long most, IntConsumer progress) {
        this.moves = moves;
        this.progress = progress;
        store = new StateStore(moves.slice.words(), most);
        for (int i = 0; i < moves.watched.length; i++) {
            settled.add(new EnumMap<>(Outcome.class));
        }
        losses = new Expander.Loss[moves.watched.length];
    }

    /** Runs to the end, or to the limit, on this thread. */
    Search run() {
        store.add(moves.slice.initial(), 0, -1, -1);
        Expander expander = new Expander(moves, store);
        for (int from = 0; from < store.size() && complete;) {
            int to = Math.min(store.size(), from + BATCH);
            expander.expand(from, to);
            take(expander);
            from = to;
        }
        return this;
    }

    /** Runs to the end, or to the limit, on that many threads of the pool. */
    Search run(ExecutorService pool, int threads) {
        store.add(moves.slice.initial(), 0, -1, -1);
        List<Expander> expanders = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            expanders.add(new Expander(moves, store));
        }
        List<Future<?>> running = new ArrayList<>();
        for (int from = 0; from < store.size() && complete;) {
            running.clear();
            int end = store.size();
            int share = Math.max(1, Math.min(BATCH, (end - from + threads - 1) / threads));
            for (int i = 0; i < threads && from < end; i++) {
                Expander expander = expanders.get(i);
                int first = from;
                int last = Math.min(end, first + share);
                running.add(pool.submit(() -> expander.expand(first, last)));
                from = last;
            }
            for (int i = 0; i < running.size(); i++) {
                await(running.get(i));
            }
            for (int i = 0; i < running.size() && complete; i++) {
                take(expanders.get(i));
            }
        }
        return this;
    }

    private static void await(Future<?> task) {
        try {
            task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
        }
    }

    private void take(Expander expander) {
        int stopped = expander.handOver(store);
        complete = stopped < 0;
        transitions += complete ? expander.transitions() : expander.transitionsBefore(stopped);
        triggerMatters |= expander.triggerMatters();
        for (Expander.Settled one : expander.settled()) {
            if (!complete && one.state() >= stopped) {
                break;
            }
            for (int i = 0; i < moves.watched.length; i++) {
                List<Integer> states = settled.get(i).computeIfAbsent(one.outcomes()[i], o -> List.of(new ArrayList<>(),
                    new ArrayList<>(), new ArrayList<>())).get(one.kind().ordinal());
                if (states.size() < ALTERNATIVES_MAX) {
                    states.add(one.state());
                }
            }
        }
        for (Expander.Loss loss : expander.losses()) {
            if (losses[loss.watch()] == null && (complete || loss.state() < stopped)) {
                losses[loss.watch()] = loss;
            }
        }
        progress.accept(store.size());
    }

    // ---- results

    boolean complete() {
        return complete;
    }

    /** Whether a bind outside the slice could change a state of it. */
    boolean triggerMatters() {
        return triggerMatters;
    }

    long transitions() {
        return transitions;
    }

    int states() {
        return store.size();
    }

    StateStore store() {
        return store;
    }

    /**
     * What was found of watched device {@code i}; numbers of events are those of the slice.
     *
     * @param alternatives ways of one kind to one outcome, at most
     */
    Found found(int i, int alternatives) {
        Map<Outcome, List<List<List<Integer>>>> ways = new EnumMap<>(Outcome.class);
        settled.get(i).forEach((outcome, byKind) -> ways.put(outcome, byKind.stream()
            .map(states -> states.stream().limit(alternatives).map(this::path).toList()).toList()));
        List<Integer> loss = null;
        if (losses[i] != null) {
            loss = new ArrayList<>(path(losses[i].state()));
            loss.add(losses[i].event());
        }
        return new Found(ways, losses[i] == null ? null : losses[i].as(), loss, complete);
    }

    private List<Integer> path(int state) {
        List<Integer> events = new ArrayList<>();
        for (int s = state; store.parent(s) >= 0; s = store.parent(s)) {
            events.add(store.event(s));
        }
        Collections.reverse(events);
        return events;
    }

    /**
     * What a search found of one device.
     *
     * @param ways     by outcome, then by {@link Kind}: events of some ways, a shortest first; none for an empty list
     * @param lostAs   bound without IOMMU right after an unload, or null
     * @param loss     events to that, or null
     * @param complete whether the search ended by itself
     */
    record Found(Map<Outcome, List<List<List<Integer>>>> ways, Outcome lostAs, List<Integer> loss, boolean complete) { }
}
