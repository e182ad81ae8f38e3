package org.latebind.explorer.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.latebind.driver.Errno;
import org.latebind.explorer.AllowedEvents;
import org.latebind.probe.Board;
import org.latebind.probe.State;
import org.latebind.schedule.ScheduleEvent;

/**
 * Events drawn one after the other from a seed, each for the state the model is in, so that most of them do something. Equal
 * seeds and equal answers of the model give equal events. Not thread safe.
 */
public final class RandomSchedule {

    private static final int LATE_INIT_LATEST = 5;
    private static final int MICROS_PER_SECOND = 1_000_000;
    private static final int ADVANCE_SECONDS_MAX = 6;

    private final Random random;
    private final AllowedEvents allowed;
    private int drawn;
    private boolean lateInit;
    private boolean suspended;

    /**
     * Starts a schedule.
     *
     * @param seed    seed
     * @param allowed kinds of events that may come; how often they may come does not matter here
     */
    public RandomSchedule(long seed, AllowedEvents allowed) {
        this.random = new Random(seed);
        this.allowed = allowed;
    }

    /** The next event for a board in this state. */
    public ScheduleEvent next(ModelReplay model) {
        int position = drawn++;
        if (!lateInit && (random.nextInt(8) == 0 || position == LATE_INIT_LATEST)) {
            lateInit = true;
            return new ScheduleEvent.LateInit();
        }
        int dice = random.nextInt(100);
        ScheduleEvent event = null;
        if (dice >= 60 && dice < 70 && allowed.expire() && model.state().timerDueMicros() >= 0) {
            event = random.nextBoolean() ? new ScheduleEvent.Expire() : advance();
        } else if (dice >= 70 && dice < 85 && allowed.binds() > 0) {
            event = bind(model);
        } else if (dice >= 85 && dice < 91 && allowed.failures() > 0) {
            event = fail(model);
        } else if (dice >= 91 && dice < 94) {
            suspended = !suspended;
            event = suspended ? new ScheduleEvent.Suspend() : new ScheduleEvent.Resume();
        } else if (dice == 94) {
            event = new ScheduleEvent.Init();
        } else if (dice == 95) {
            event = new ScheduleEvent.Register();
        } else if (dice > 95 && allowed.expire()) {
            event = advance();
        }
        return event == null ? toggle(model) : event;
    }

    private ScheduleEvent advance() {
        return new ScheduleEvent.Advance(random.nextInt(ADVANCE_SECONDS_MAX * MICROS_PER_SECOND));
    }

    /** A module that is not loaded is loaded; one that is goes, if that is allowed. */
    private ScheduleEvent toggle(ModelReplay model) {
        List<ScheduleEvent> choices = new ArrayList<>();
        for (int m = 0; m < model.engine().catalogue().modules().size(); m++) {
            String name = model.engine().catalogue().module(m).name();
            if (!model.state().loaded(m)) {
                choices.add(new ScheduleEvent.Load(name));
            } else if (allowed.unloads() > 0) {
                choices.add(new ScheduleEvent.Unload(name));
            }
        }
        return choices.isEmpty() ? new ScheduleEvent.Register() : choices.get(random.nextInt(choices.size()));
    }

    private ScheduleEvent bind(ModelReplay model) {
        Board board = model.engine().board();
        State state = model.state();
        int device = interesting(model);
        String path = board.device(device).path();
        if (state.bound(device)) {
            return new ScheduleEvent.Unbind(path);
        }
        List<Integer> drivers = registered(model);
        boolean named = !drivers.isEmpty() && random.nextInt(3) == 0;
        return new ScheduleEvent.Bind(path, named ? name(model, drivers.get(random.nextInt(drivers.size()))) : null);
    }

    /** A device with an IOMMU, or one of them, more often than any other. */
    private int interesting(ModelReplay model) {
        Board board = model.engine().board();
        int device = random.nextInt(board.deviceCount());
        for (int i = 0; i < 3 && board.device(device).iommus().isEmpty() && !model.state().bound(device); i++) {
            device = random.nextInt(board.deviceCount());
        }
        return device;
    }

    private ScheduleEvent fail(ModelReplay model) {
        List<Integer> drivers = registered(model);
        if (drivers.isEmpty()) {
            return null;
        }
        String path = model.engine().board().device(interesting(model)).path();
        Errno errno = random.nextBoolean() ? Errno.EIO : null;
        return new ScheduleEvent.Fail(name(model, drivers.get(random.nextInt(drivers.size()))), path, errno);
    }

    /** A framework knows a driver only once it came. */
    private static List<Integer> registered(ModelReplay model) {
        List<Integer> drivers = new ArrayList<>();
        for (int r = 0; r < model.engine().catalogue().drivers().size(); r++) {
            if (model.state().registered(r)) {
                drivers.add(r);
            }
        }
        return drivers;
    }

    private static String name(ModelReplay model, int driver) {
        return model.engine().catalogue().driver(driver).name();
    }
}
