package org.latebind.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.latebind.pagetable.SavedTables;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The driver core, published as a service once a board and a machine are there and the board's devices exist.
 *
 * <p>Thread safe. Nothing here waits for the owner thread except {@link #execute}, {@link #pageTable} and
 * {@link #awaitIdle}, which must not be called from a driver.
 */
@ProviderType
public interface DriverCore {

    /** The state after the last finished event; consistent in itself, immutable, cheap to get. */
    CoreSnapshot snapshot();

    /**
     * Puts a command behind everything that is already queued and waits until it was carried out.
     *
     * @param command not null
     * @return how it went; commands that make no sense are refused with a sentence, never with an exception
     */
    CommandResult execute(Command command);

    /**
     * Copies the page table of a domain that is in use, as its memory holds it now; waits like {@link #execute}.
     *
     * @param deviceOrGroup path of a device, or number of a group; not null
     * @return empty when there is no such device or group, or its domain has no table that can be shown
     */
    Optional<SavedTables> pageTable(String deviceOrGroup);

    /**
     * Waits until everything that was queued so far, and what followed from it, is done, and the mirrored services
     * are up to date.
     *
     * @param limit longest wait; not null
     * @return false when the limit was reached first
     */
    boolean awaitIdle(Duration limit);

    /**
     * Reads the page table of a group's current domain as it is in memory now. Waits for the owner thread like {@link #execute}.
     *
     * @param group number of the group
     * @return the table, or null when there is no such group or its domain has no table that can be shown
     */
    DomainTable pageTable(int group);

    /** The log from the start, oldest first; an immutable view that does not grow. */
    List<LogEntry> log();

    /**
     * Calls a listener with every later log entry, in order, on a thread of the core. The listener must not block.
     *
     * @param listener not null
     * @return closes the subscription
     */
    Subscription listen(Consumer<LogEntry> listener);

    /** A listener's registration. Closing it twice is harmless. */
    interface Subscription extends AutoCloseable {

        @Override
        void close();
    }
}
