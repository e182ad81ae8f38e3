package org.latebind.launcher.session;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.latebind.explorer.replay.ModelReplay;
import org.latebind.runtime.BoardSource;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverCore;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.util.tracker.ServiceTracker;

/** A board that runs as long as this is open. */
final class LiveBoard implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final ServiceRegistration<BoardSource> registration;
    private final ServiceTracker<DriverCore, DriverCore> cores;
    private final DriverCore core;

    LiveBoard(BundleContext context, BoardInput board, String machine) throws InterruptedException {
        registration = context.registerService(BoardSource.class, board,
                FrameworkUtil.asDictionary(Map.of("latebind.machine", machine)));
        cores = new ServiceTracker<>(context, DriverCore.class, null);
        cores.open();
        core = cores.waitForService(LIMIT.toMillis());
        if (core == null) {
            throw new IllegalStateException("the driver core did not come up");
        }
    }

    DriverCore core() {
        return core;
    }

    /** Where every device stands, in the words of {@link ModelReplay#standing()}. */
    Map<String, String> standing() {
        CoreSnapshot snapshot = core.snapshot();
        Map<String, String> all = new TreeMap<>();
        for (DeviceStatus device : snapshot.devices()) {
            all.put(device.path(), ModelReplay.standing(device.outcome(), device.driver(), device.group()));
        }
        all.put(ModelReplay.DEFERRED, snapshot.deferred().toString());
        return all;
    }

    @Override
    public void close() {
        registration.unregister();
        cores.close();
    }
}
