package org.latebind.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.latebind.probe.Board;
import org.latebind.probe.BoardDevice;
import org.latebind.probe.InstalledModules;
import org.latebind.probe.State;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverStatus;
import org.latebind.runtime.Reason;

/**
 * The core after one event, from which a snapshot is made when somebody looks. Immutable; the snapshot is made at most once.
 */
final class Moment {

    private static final long NANOS_PER_MICRO = 1000;

    private final String board;
    private final String policy;
    private final Map<String, String> parameters;
    private final long timeNanos;
    private final long events;
    private final State state;
    private final InstalledModules installed;
    private final IommuView iommus;
    private final List<DriverStatus> drivers;
    private final Map<Integer, String> driverNames;
    private final Map<Integer, List<Long>> boundAtMicros;
    private CoreSnapshot made;

    Moment(String board, String policy, Map<String, String> parameters, long timeNanos, long events, State state,
            InstalledModules installed, IommuView iommus, List<DriverStatus> drivers, Map<Integer, String> driverNames,
            Map<Integer, List<Long>> boundAtMicros) {
        this.board = board;
        this.policy = policy;
        this.parameters = parameters;
        this.timeNanos = timeNanos;
        this.events = events;
        this.state = state;
        this.installed = installed;
        this.iommus = iommus;
        this.drivers = drivers;
        this.driverNames = driverNames;
        this.boundAtMicros = boundAtMicros;
    }

    State state() {
        return state;
    }

    IommuView iommus() {
        return iommus;
    }

    /** The snapshot; any thread. */
    synchronized CoreSnapshot snapshot() {
        if (made == null) {
            List<DeviceStatus> devices = new ArrayList<>();
            for (BoardDevice device : state.board().devices()) {
                if (state.present(device.index())) {
                    devices.add(status(device.index()));
                }
            }
            List<String> deferred = Arrays.stream(state.deferredList()).mapToObj(number -> state.board().device(number).path())
                    .toList();
            made = new CoreSnapshot(board, policy, parameters, timeNanos, events, List.copyOf(devices), deferred, iommus.units(),
                    iommus.groups(), drivers);
        }
        return made;
    }

    /** One device. */
    DeviceStatus status(int number) {
        Board all = state.board();
        BoardDevice device = all.device(number);
        int driver = state.driver(number);
        int iommu = state.attachedTo(number);
        int group = state.group(number);
        boolean translated = state.outcome(number) == org.latebind.probe.Outcome.BOUND_TRANSLATED;
        return new DeviceStatus(device.path(), state.deviceName(number), device.compatible(),
                driver < 0 ? null : driverNames.getOrDefault(driver, state.catalogue().driver(driver).name()),
                state.outcome(number).name(), iommu < 0 ? null : all.iommuPath(iommu), group < 0 ? null : group,
                iommus.streams().getOrDefault(device.path(), List.of()),
                translated ? null : reason(state.explain(number, installed)),
                boundAtMicros.getOrDefault(number, List.of()).stream().map(micros -> micros * NANOS_PER_MICRO).toList(),
                state.stateSynced(number));
    }

    private static Reason reason(org.latebind.probe.Reason from) {
        if (from == null) {
            return null;
        }
        List<Reason> causes = from.causes().stream().map(Moment::reason).toList();
        Reason own = new Reason(from.kind().name().toLowerCase(java.util.Locale.ROOT), from.subject(), from.text(), causes);
        String link = from.kind() == org.latebind.probe.Reason.Kind.MODULE ? " matches a driver of " : " names ";
        return from.property().isEmpty() ? own
                : new Reason("property", from.property(), from.property() + link + from.subject(), List.of(own));
    }
}
