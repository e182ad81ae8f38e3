package org.latebind.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The probe engine: decides who probes now, who waits and why, what times out, what an unload takes down. Pure: the answer
 * depends
 * on the arguments only; an engine may be used by any number of threads.
 *
 * <p>Live, foreign code answers:
 * <pre>
 * State s = engine.initial();
 * Step step = engine.step(s, new Event.Load(module));
 * while (step.awaited() instanceof Action.Probe p) {            // likewise Attach, Release, Remove
 *     carry out step.actions(), then run driver p.driver() on device p.device() ...
 *     step = engine.step(step.state(), new Event.Probed(answer));
 * }
 * s = step.state();
 * </pre>
 * Events that arrive while an answer is awaited wait in the caller's queue. In a model everything is answered at once:
 * {@code engine.run(s, event, engine.model()).state()}; for millions of states use {@link #runner}.
 */
public final class ProbeEngine {

    private final Tables t;
    private final CatalogueModel model;

    /** Compiles board, modules, policy and parameters. */
    public ProbeEngine(Board board, ModuleCatalogue catalogue, Policy policy, Parameters parameters) {
        this(new Tables(board.as(policy.iommuMap()), Objects.requireNonNull(catalogue, "catalogue"), policy,
            Objects.requireNonNull(parameters, "parameters")));
    }

    private ProbeEngine(Tables t) {
        this.t = t;
        this.model = new CatalogueModel(t);
    }

    /** The board, as the policy's era reads it. */
    public Board board() {
        return t.board;
    }

    /** The modules, with {@code builtin} applied. */
    public ModuleCatalogue catalogue() {
        return t.catalogue;
    }

    /** The policy. */
    public Policy policy() {
        return t.policy;
    }

    /** The parameters. */
    public Parameters parameters() {
        return t.parameters;
    }

    /** Answers from catalogue and board. */
    public DriverModel model() {
        return model;
    }

    /** The first state: all devices that need no creator exist, nothing is registered, time is 0. */
    public State initial() {
        Work w = new Work(t);
        Layout at = t.layout;
        Arrays.fill(w.c, at.driver, at.driver + t.deviceCount, -1);
        Arrays.fill(w.c, at.next, at.next + t.deviceCount, -1);
        Arrays.fill(w.c, at.prev, at.prev + t.deviceCount, -1);
        for (int list = at.pending; list < at.bound + t.driverCount; list++) {
            w.c[at.next + list] = list;
            w.c[at.prev + list] = list;
        }
        w.wide(Layout.DUE_LOW, -1);
        w.wide(Layout.REARMED_LOW, -1);
        w.c[Layout.TIMEOUT] = t.parameters.timeoutSeconds(t.policy);
        w.push(Frame.CREATE, 0, 0, 0, 0, 0);
        Interpreter.run(w);
        return w.toState();
    }

    /**
     * Takes one event, as far as it goes without foreign code.
     *
     * @throws IllegalStateException    when an answer is awaited and this is none, or the other way round
     * @throws IndexOutOfBoundsException when the event names a device, module or driver that is not there
     */
    public Step step(State state, Event event) {
        Work w = open(state);
        EventEntry.accept(w, event);
        if (EventEntry.isAnswer(event)) {
            Interpreter.resume(w);
        } else {
            Interpreter.run(w);
        }
        return close(w);
    }

    /** Takes one event and answers everything by the model. */
    public Step run(State state, Event event, DriverModel answers) {
        Work w = open(state);
        w.actions = null;
        w.model = answers;
        EventEntry.accept(w, event);
        finish(w, answers);
        return close(w);
    }

    private Work open(State state) {
        if (state.t != t) {
            throw new IllegalArgumentException("the state belongs to another engine");
        }
        Work w = new Work(t);
        w.take(state);
        w.actions = new ArrayList<>();
        w.log = new ArrayList<>();
        return w;
    }

    private Step close(Work w) {
        State after = w.toState();
        List<Action> actions = w.actions == null ? new ArrayList<>() : w.actions;
        if (after.awaited() != null) {
            actions.add(after.awaited());
        }
        return new Step(after, actions, w.log, w.refusal);
    }

    static void finish(Work w, DriverModel answers) {
        Interpreter.run(w);
        while (w.c[Layout.AWAIT] != 0) {
            int device = w.c[Layout.AWAIT_DEVICE];
            int other = w.c[Layout.AWAIT_OTHER];
            switch (w.c[Layout.AWAIT]) {
                case Work.AWAIT_PROBE -> w.probeAnswer = answers.probe(w, device, other);
                case Work.AWAIT_ATTACH -> w.attachAnswer = answers.attach(w, device, other);
                default -> { }
            }
            Interpreter.resume(w);
        }
        Reprobing.rest(w);
    }

    /** Makes a state of a {@link State#key}; times, causes and group numbers are fresh. */
    public State decode(byte[] key) {
        return StateKey.decode(t, initial(), key);
    }

    /** A runner for one thread that reuses its working memory and keeps no log; for searches over many states. */
    public Runner runner(DriverModel answers) {
        return new Runner(new Work(t), answers);
    }

    /**
     * An engine with more modules behind the present ones, for bundles that are installed later.
     *
     * @param more modules that are not in the catalogue yet
     */
    public ProbeEngine extended(List<KernelModule> more) {
        return new ProbeEngine(new Tables(t.board, t.catalogue.with(more), t.policy, t.parameters).knowing(t.atHand()));
    }

    /**
     * An engine that knows which further modules are at hand: bundles that are installed and were never loaded. Under ACPI
     * an IOMMU driver that is configured at all is waited for (section 10).
     *
     * @param atHand the modules, with names of their own; what was said before is forgotten
     */
    public ProbeEngine knowing(List<KernelModule> atHand) {
        return new ProbeEngine(new Tables(t.board, t.catalogue, t.policy, t.parameters).knowing(atHand));
    }

    /** The same with other parameters. */
    public ProbeEngine with(Parameters parameters) {
        return new ProbeEngine(new Tables(t.board, t.catalogue, t.policy, parameters).knowing(t.atHand()));
    }

    /**
     * Carries a state of an engine with fewer modules over into this one.
     *
     * @throws IllegalArgumentException when the boards differ or a module is missing here
     */
    public State adopt(State old) {
        return Adoption.adopt(old, t, initial());
    }

    /** Runs events on states with one working memory. Not for several threads. */
    public static final class Runner {
        private final Work w;
        private final DriverModel answers;

        Runner(Work w, DriverModel answers) {
            this.w = w;
            this.answers = answers;
            w.model = answers;
        }

        /** Returns the state after the event; the same object when the event was refused. */
        public State run(State state, Event event) {
            w.take(state);
            EventEntry.accept(w, event);
            finish(w, answers);
            return w.refusal != null && w.sp == 0 && Arrays.equals(w.c, state.c) ? state : w.toState();
        }

        /** Returns why the last event was refused, or null. */
        public Step.Refusal refusal() {
            return w.refusal;
        }
    }
}
