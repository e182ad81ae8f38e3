package org.latebind.runtime;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The core's state after one event.
 *
 * @param board      name of the board
 * @param policy     policy id
 * @param parameters parameters by kernel name, sorted
 * @param timeNanos  virtual time since the board came up
 * @param events     number of events handled so far
 * @param devices    in the order in which they were added
 * @param deferred   paths of the deferred devices, in list order
 * @param iommus     registered units, in order of registration
 * @param groups     by number
 * @param drivers    in order of registration
 */
public record CoreSnapshot(String board, String policy, Map<String, String> parameters, long timeNanos, long events,
        List<DeviceStatus> devices, List<String> deferred, List<IommuStatus> iommus, List<GroupStatus> groups,
        List<DriverStatus> drivers) {

    /** Finds a device by its path. */
    public Optional<DeviceStatus> device(String path) {
        return devices.stream().filter(device -> device.path().equals(path)).findFirst();
    }
}
