package org.latebind.internal;

import org.latebind.probe.Board;
import org.latebind.probe.Event;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.runtime.Command;

/** What a command is in the engine's words. Pure. */
final class CommandEvent {

    private static final long NANOS_PER_MICRO = 1000;
    private static final int ANY_DRIVER = -1;

    private CommandEvent() {
    }

    /**
     * The event of a command, or why there is none.
     *
     * @param event   the event, or null
     * @param refusal one line, or null
     */
    record Answer(Event event, String refusal) {
    }

    static Answer of(Command command, Board board, ModuleCatalogue catalogue, long nowMicros) {
        if (command instanceof Command.LateInit) {
            return new Answer(new Event.LateInit(), null);
        }
        if (command instanceof Command.Init) {
            return new Answer(new Event.Init(), null);
        }
        if (command instanceof Command.Suspend) {
            return new Answer(new Event.Suspend(), null);
        }
        if (command instanceof Command.Resume) {
            return new Answer(new Event.Resume(), null);
        }
        if (command instanceof Command.RegisterUnrelated) {
            return new Answer(new Event.RegisterUnrelated(), null);
        }
        if (command instanceof Command.Expire) {
            return new Answer(new Event.Expire(), null);
        }
        if (command instanceof Command.Advance advance) {
            return advance.nanos() < 0 ? refused("time runs forward only")
                    : new Answer(new Event.Advance(nowMicros + advance.nanos() / NANOS_PER_MICRO), null);
        }
        if (command instanceof Command.Bind bind) {
            return onDevice(board, bind.device(), device -> bind(device, bind.driver(), catalogue));
        }
        if (command instanceof Command.Unbind unbind) {
            return onDevice(board, unbind.device(), device -> new Answer(new Event.Unbind(device), null));
        }
        if (command instanceof Command.DriverOverride override) {
            return onDevice(board, override.device(), device -> override(device, override.driver(), catalogue));
        }
        if (command instanceof Command.Fail fail) {
            return onDevice(board, fail.device(), device -> fail(device, fail, catalogue));
        }
        return refused("not an event: " + command);
    }

    private static Answer bind(int device, String driver, ModuleCatalogue catalogue) {
        int number = driver == null ? ANY_DRIVER : catalogue.driverIndex(driver);
        return driver != null && number < 0 ? refused("no driver is named " + driver)
                : new Answer(new Event.Bind(device, number), null);
    }

    private static Answer override(int device, String driver, ModuleCatalogue catalogue) {
        int number = driver == null ? ANY_DRIVER : catalogue.driverIndex(driver);
        return driver != null && number < 0 ? refused("no driver is named " + driver)
                : new Answer(new Event.DriverOverride(device, number), null);
    }

    private static Answer fail(int device, Command.Fail fail, ModuleCatalogue catalogue) {
        int number = catalogue.driverIndex(fail.driver());
        return number < 0 ? refused("no driver is named " + fail.driver())
                : new Answer(new Event.InjectFailure(number, device, fail.errno() == null ? 0 : fail.errno().number()), null);
    }

    private static Answer onDevice(Board board, String path, java.util.function.IntFunction<Answer> then) {
        int device = board.deviceIndex(path);
        return device < 0 ? refused("no device " + path) : then.apply(device);
    }

    private static Answer refused(String text) {
        return new Answer(null, text);
    }
}
