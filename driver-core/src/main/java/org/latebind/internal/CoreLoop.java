package org.latebind.internal;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.latebind.driver.Device.LogLevel;
import org.latebind.driver.Errno;
import org.latebind.hardware.Machine;
import org.latebind.iommu.core.DomainPolicy;
import org.latebind.iommu.core.DriverMisbehavedException;
import org.latebind.iommu.core.IommuCore;
import org.latebind.pagetable.SavedTables;
import org.latebind.passthrough.Passthrough;
import org.latebind.passthrough.core.PassthroughCore;
import org.latebind.probe.Action;
import org.latebind.probe.AttachAnswer;
import org.latebind.probe.Event;
import org.latebind.probe.KernelModule;
import org.latebind.probe.LogRecord;
import org.latebind.probe.ProbeAnswer;
import org.latebind.probe.Step;
import org.latebind.runtime.Command;
import org.latebind.runtime.CommandResult;
import org.latebind.runtime.DomainTable;
import org.latebind.runtime.LogEntry;

/**
 * One board that runs: the engine decides, this class does it. All state belongs to the owner thread; other threads post.
 *
 * <p>While a driver is called no lock is held. A driver that hangs costs one bounded wait; a departure waits, with a bound, until
 * the driver's devices are released, except where waiting would wait for itself (the driver leaves from inside a call to it).
 */
final class CoreLoop implements AutoCloseable {

    private final Setup setup;
    private final Owner owner;
    private final Journal journal;
    private final VirtualClock clock;
    private final DriverCalls calls;
    private final DriverTable drivers = new DriverTable();
    private final IommuCore iommus;
    private final Execution execution;
    private final EngineSeat engine;
    private final Moments moments;
    private final Narration narration;
    private final Consumer<Moment> changed;
    private final PassthroughCore passthrough;
    private final XenBootEnd xenBootEnd;
    private final LazyFlushes flushes;
    private final DomainTables tables;
    private volatile Moment moment;
    private long events;

    /**
     * Makes a board that does not run yet.
     *
     * @param setup   what runs where; not null
     * @param journal takes the log; not null
     * @param changed told the new state after each event, on the owner thread; must not block; not null
     */
    CoreLoop(Setup setup, Journal journal, VirtualClock clock, Owner owner, Consumer<Moment> changed) {
        this.setup = setup;
        this.journal = journal;
        this.clock = clock;
        this.owner = owner;
        this.changed = changed;
        this.calls = new DriverCalls(setup.time(), setup.callLimit(), this::lateAnswer);
        this.iommus = new IommuCore(calls, e -> misbehaved(e, ""));
        this.engine = new EngineSeat(setup.board(), setup.policy(), setup.parameters());
        Machine machine = setup.machine();
        this.flushes = new LazyFlushes(clock, setup.time(), owner, calls, journal);
        this.tables = new DomainTables(iommus, calls, machine);
        Consumer<String> xenLog = text -> journal.add(LogEntry.Kind.MESSAGE, LogLevel.INFO, "xen", text);
        this.passthrough = setup.xen() ? new PassthroughCore(setup.tree(), machine, xenLog) : null;
        this.xenBootEnd = setup.xen() ? new XenBootEnd(passthrough, setup.policy(), xenLog) : null;
        Devices devices = new Devices(setup.board(), setup.tree(), machine, journal, passthrough);
        Clients clients = new Clients(setup.board(), setup.tree());
        DmaApis dma = new DmaApis(iommus, calls, setup.dma(), flushes);
        this.execution = new Execution(setup.board(), devices, clients, iommus, calls, drivers, dma, journal);
        this.moments = new Moments(setup, engine, iommus, drivers, calls);
        this.narration = new Narration(iommus, clients, journal, drivers);
        applyDomainPolicy();
        this.moment = moments.take(0, 0);
    }

    /** Creates the board's devices. */
    void start() {
        setup.machine().interrupts().runHandlersOn(task -> owner.execute(() -> interrupt(task)));
        owner.runAndWait(() -> handle(new Event.Boot()), setup.departureLimit());
    }

    /** Guests and their devices, for any thread; null in Linux mode. */
    Passthrough passthrough() {
        return passthrough == null ? null : new OwnedPassthrough(passthrough, owner, setup.departureLimit());
    }

    Moment moment() {
        return moment;
    }

    Duration callLimit() {
        return calls.limit();
    }

    void callLimit(Duration limit) {
        calls.limit(limit);
    }

    /** Driver bundles were installed, changed or uninstalled; decides nothing, reasons name them. */
    void installed(java.util.List<KernelModule> modules) {
        owner.execute(() -> {
            moments.installed(modules);
            engine.installed(modules);
            publish();
        });
    }

    /** A driver service appeared. */
    void arrive(LiveDriver driver) {
        owner.execute(() -> {
            if (driver.departing()) {
                return;
            }
            if (drivers.named(driver.name()) != null) {
                journal.add(LogEntry.Kind.DRIVER_MISBEHAVED, LogLevel.ERROR, driver.name(), "a driver named " + driver.name()
                        + " is registered already; that of bundle " + driver.bundle() + " is ignored");
                return;
            }
            driver.index(engine.number(driver.bundle(), driver.description()));
            drivers.add(driver);
            handle(new Event.RegisterDriver(driver.index()));
        });
    }

    /**
     * A driver service goes: comes back when the driver holds no device any more, or when the bound is reached. A driver that
     * leaves from inside its own call, or on the owner thread, is released as soon as that call is over.
     */
    void leave(LiveDriver driver) {
        driver.depart();
        if (calls.onDriverThread() || owner.isCurrent()) {
            owner.execute(() -> unregister(driver));
            return;
        }
        if (!owner.runAndWait(() -> unregister(driver), setup.departureLimit())) {
            journal.add(LogEntry.Kind.DRIVER_MISBEHAVED, LogLevel.ERROR, driver.name(), "the devices of " + driver.name()
                    + " were not released within " + setup.departureLimit().toMillis() + " ms; its bundle goes without them");
        }
    }

    private void unregister(LiveDriver driver) {
        if (!drivers.contains(driver)) {
            return;
        }
        handle(new Event.UnregisterDriver(driver.index()));
        drivers.remove(driver);
        tell(driver.name(), "release of the service", driver::release);
        publish();
    }

    /** Carries a command out in its turn. */
    CommandResult execute(Command command) {
        if (calls.onDriverThread()) {
            return CommandResult.refused("a driver cannot give commands while it is called");
        }
        CommandResult[] result = {CommandResult.refused("the command is still queued after "
                + setup.departureLimit().toMillis() + " ms")};
        owner.runAndWait(() -> result[0] = carryOut(command), setup.departureLimit());
        return result[0];
    }

    DomainTable pageTable(int group) {
        DomainTable[] table = {null};
        if (!calls.onDriverThread()) {
            owner.runAndWait(() -> table[0] = TableViews.of(iommus, calls, setup.machine().memory(), group),
                    setup.departureLimit());
        }
        return table[0];
    }

    /** The page table of a device or a group, as its memory holds it now. */
    Optional<SavedTables> pageTable(String deviceOrGroup) {
        AtomicReference<Optional<SavedTables>> answer = new AtomicReference<>(Optional.empty());
        if (!calls.onDriverThread()) {
            owner.runAndWait(() -> {
                try {
                    answer.set(tables.of(deviceOrGroup));
                } catch (DriverMisbehavedException e) {
                    misbehaved(e, deviceOrGroup);
                }
            }, setup.departureLimit());
        }
        return answer.get();
    }

    private CommandResult carryOut(Command command) {
        String text = CommandText.of(command);
        journal.add(LogEntry.Kind.COMMAND, LogLevel.DEBUG, "", text, Map.of("schedule", text));
        CommandResult result;
        if (command instanceof Command.SetParameter parameter) {
            result = engine.set(parameter.name(), parameter.value());
            if (result.ok()) {
                applyDomainPolicy();
                journal.add(LogEntry.Kind.PARAMETER, LogLevel.INFO, parameter.name(), parameter.name() + "=" + parameter.value());
                publish();
            }
        } else {
            CommandEvent.Answer answer = CommandEvent.of(command, setup.board(), engine.catalogue(), clock.micros());
            result = answer.event() == null ? CommandResult.refused(answer.refusal()) : judge(handle(answer.event()));
        }
        if (!result.ok()) {
            journal.add(LogEntry.Kind.COMMAND, LogLevel.WARNING, "", command + " refused: " + result.text());
        }
        return result;
    }

    private static CommandResult judge(Step.Refusal refusal) {
        return refusal == null ? CommandResult.done("") : CommandResult.refused(refusal.text());
    }

    /** Runs one event to its end. Returns why it was refused, or null. */
    private Step.Refusal handle(Event event) {
        if (clock.follows()) {
            run(new Event.Advance(clock.now()));
        }
        Step.Refusal refusal = run(event);
        if (event instanceof Event.Advance advance) {
            clock.moveTo(advance.toMicros());
        }
        flushes.run();
        if (xenBootEnd != null && refusal == null && event instanceof Event.LateInit) {
            xenBootEnd.lateInit(engine.state(), engine.parameters());
        }
        events++;
        publish();
        return refusal;
    }

    private Step.Refusal run(Event event) {
        Step step = apply(event);
        Step.Refusal refusal = step.refusal();
        for (Action awaited = announce(step); awaited != null; awaited = announce(step)) {
            step = apply(answer(awaited));
        }
        return refusal;
    }

    /** The engine waits for an answer whatever happens: an error of our own must not leave it waiting for ever. */
    private Event answer(Action action) {
        try {
            return execution.answer(action);
        } catch (RuntimeException e) {
            journal.add(LogEntry.Kind.BOARD, LogLevel.ERROR, "", "internal error in " + action + ": " + e);
            int errno = Errno.EIO.number();
            if (action instanceof Action.Probe) {
                return new Event.Probed(new ProbeAnswer.Failed(errno, "internal error: " + e));
            }
            return action instanceof Action.Attach ? new Event.Attached(new AttachAnswer.Error(errno, "internal error: " + e))
                    : new Event.Done();
        }
    }

    private Step apply(Event event) {
        Step step = engine.step(event);
        for (LogRecord record : step.log()) {
            clock.moveTo(record.micros());
            narration.tell(record, step.state());
            moments.note(record);
        }
        return step;
    }

    /** Carries out what needs no answer; returns the action that does, or null. */
    private Action announce(Step step) {
        for (Action action : step.actions()) {
            if (action instanceof Action.RegisterIommu register) {
                execution.register(register.device());
            } else if (action instanceof Action.UnregisterIommu unregister) {
                execution.unregister(unregister.iommu());
            } else if (action instanceof Action.ArmTimer timer) {
                clock.arm(timer.atMicros());
            }
        }
        return step.awaited();
    }

    /** The moment the engine asked for may have come. */
    void timerDue() {
        owner.execute(() -> handle(new Event.Advance(clock.now())));
    }

    private void interrupt(Runnable handler) {
        tell("interrupt", "interrupt handler", handler);
    }

    private void tell(String driver, String what, Runnable call) {
        try {
            calls.ask(driver, what, () -> {
                call.run();
                return null;
            });
        } catch (DriverMisbehavedException e) {
            misbehaved(e, "");
        }
    }

    private void misbehaved(DriverMisbehavedException e, String path) {
        journal.add(LogEntry.Kind.DRIVER_MISBEHAVED, LogLevel.ERROR, path, e.getMessage(),
                Map.of("driver", e.driver(), "errno", e.errno().name()));
    }

    private void lateAnswer(String driver, String text) {
        journal.add(LogEntry.Kind.DRIVER_MISBEHAVED, LogLevel.ERROR, "", driver + " " + text,
                Map.of("driver", driver, "errno", Errno.ETIMEDOUT.name()));
    }

    private void applyDomainPolicy() {
        iommus.policy(new DomainPolicy(engine.parameters().passthrough(), engine.parameters().strictInvalidation()));
    }

    private void publish() {
        moment = moments.take(clock.nanos(), events);
        changed.accept(moment);
    }

    boolean awaitIdle(Duration limit) {
        return !calls.onDriverThread() && owner.awaitIdle(limit);
    }

    /** Takes the board down: every driver off its devices, last registered first. */
    @Override
    public void close() {
        CountDownLatch done = new CountDownLatch(1);
        owner.execute(() -> {
            try {
                java.util.List<LiveDriver> all = new java.util.ArrayList<>(drivers.inOrder().toList());
                java.util.Collections.reverse(all);
                all.forEach(LiveDriver::depart);
                all.forEach(this::unregister);
            } finally {
                setup.machine().interrupts().runHandlersOn(Runnable::run);
                clock.close();
                calls.close();
                done.countDown();
            }
        });
        if (!owner.isCurrent() && !calls.onDriverThread()) {
            awaitEnd(done);
        }
    }

    private void awaitEnd(CountDownLatch done) {
        try {
            if (!setup.time().await(done, setup.departureLimit())) {
                journal.add(LogEntry.Kind.BOARD, LogLevel.ERROR, "", "the board did not come down within "
                        + setup.departureLimit().toMillis() + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
