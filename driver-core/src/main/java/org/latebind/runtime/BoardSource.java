package org.latebind.runtime;

import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.probe.Board;
import org.latebind.probe.BoardReader;
import org.latebind.probe.Population;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The board the core runs: a service that the launcher publishes. The core takes one; withdrawing it takes the board down,
 * every driver off its devices first.
 */
@ConsumerType
public interface BoardSource {

    /** Name for people and reports, for example {@code salvator-xs-h3}; not null. */
    String name();

    /** The hardware description; not null. */
    DeviceTree tree();

    /** Devices the tree does not name: PCI functions and what sits behind virtio transports; not null. */
    default Population population() {
        return Population.NONE;
    }

    /**
     * The devices of the hardware, with the paths of {@link #tree}; not null. Other than the tree's own for boards that a
     * tree does not describe (ACPI): then the tree is the same hardware in a tree's words.
     */
    default Board devices() {
        return BoardReader.read(tree(), population());
    }

    /** Policy id, for example {@code timeout-multi}; not null. */
    String policy();

    /** Parameters by kernel name, for example {@code deferred_probe_timeout}; not null, may be empty. */
    default Map<String, String> parameters() {
        return Map.of();
    }

    /**
     * Whether virtual time follows the real clock. If not, it moves only by {@link Command.Advance} and
     * {@link Command.Expire}: what scripts and replays want.
     */
    default boolean realTime() {
        return false;
    }
}
