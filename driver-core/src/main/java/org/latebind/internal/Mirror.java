package org.latebind.internal;

import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.GroupStatus;
import org.latebind.runtime.IommuStatus;
import org.latebind.runtime.MirroredDevice;
import org.latebind.runtime.MirroredGroup;
import org.latebind.runtime.MirroredIommu;
import org.latebind.runtime.Published;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/**
 * Every device, unit and group as a service. Runs on a thread of its own: publishing calls other bundles, and the owner of the
 * state must never wait for them.
 */
final class Mirror {

    private final BundleContext context;
    private final Shelf<String, DeviceStatus> devices;
    private final Shelf<String, IommuStatus> iommus;
    private final Shelf<Integer, GroupStatus> groups;

    Mirror(BundleContext context) {
        this.context = context;
        this.devices = new Shelf<>(MirroredDevice.class, LiveDevice::new, Mirror::properties);
        this.iommus = new Shelf<>(MirroredIommu.class, LiveIommu::new, Mirror::properties);
        this.groups = new Shelf<>(MirroredGroup.class, LiveGroup::new, Mirror::properties);
    }

    /** Brings the services up to a snapshot: what goes first, then what changed or came. */
    void show(CoreSnapshot snapshot) {
        Map<String, DeviceStatus> devicesNow = byKey(snapshot.devices(), DeviceStatus::path);
        Map<String, IommuStatus> iommusNow = byKey(snapshot.iommus(), IommuStatus::path);
        Map<Integer, GroupStatus> groupsNow = byKey(snapshot.groups(), GroupStatus::number);
        devices.keep(devicesNow.keySet());
        groups.keep(groupsNow.keySet());
        iommus.keep(iommusNow.keySet());
        iommus.show(iommusNow);
        groups.show(groupsNow);
        devices.show(devicesNow);
    }

    /** Withdraws everything. */
    void clear() {
        devices.keep(Set.of());
        groups.keep(Set.of());
        iommus.keep(Set.of());
    }

    private static <K, T> Map<K, T> byKey(List<T> values, Function<T, K> key) {
        Map<K, T> map = new LinkedHashMap<>();
        values.forEach(value -> map.put(key.apply(value), value));
        return map;
    }

    private static Map<String, Object> properties(DeviceStatus device) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(Published.DEVICE_PATH, device.path());
        properties.put(Published.OUTCOME, device.outcome());
        properties.put(Published.BOUND, device.bound());
        properties.put(Published.COMPATIBLE, device.compatible());
        putUnlessNull(properties, Published.DRIVER, device.driver());
        putUnlessNull(properties, Published.IOMMU, device.iommu());
        putUnlessNull(properties, Published.GROUP, device.group());
        return properties;
    }

    private static Map<String, Object> properties(IommuStatus iommu) {
        return Map.of(Published.DEVICE_PATH, iommu.path(), Published.DRIVER, iommu.driver());
    }

    private static Map<String, Object> properties(GroupStatus group) {
        return Map.of(Published.GROUP, group.number(), Published.IOMMU, group.iommu());
    }

    private static void putUnlessNull(Map<String, Object> properties, String key, Object value) {
        if (value != null) {
            properties.put(key, value);
        }
    }

    /** A mirrored thing whose state follows. */
    private abstract static class Live<T> {
        private volatile T status;

        Live(T status) {
            this.status = status;
        }

        public T status() {
            return status;
        }

        void follow(T now) {
            status = now;
        }
    }

    private static final class LiveDevice extends Live<DeviceStatus> implements MirroredDevice {
        LiveDevice(DeviceStatus status) {
            super(status);
        }

        @Override
        public String path() {
            return status().path();
        }
    }

    private static final class LiveIommu extends Live<IommuStatus> implements MirroredIommu {
        LiveIommu(IommuStatus status) {
            super(status);
        }

        @Override
        public String path() {
            return status().path();
        }
    }

    private static final class LiveGroup extends Live<GroupStatus> implements MirroredGroup {
        LiveGroup(GroupStatus status) {
            super(status);
        }

        @Override
        public int number() {
            return status().number();
        }
    }

    /** What is registered of one kind. */
    private final class Shelf<K, T> {
        private final Class<?> type;
        private final Function<T, Live<T>> maker;
        private final Function<T, Map<String, Object>> describer;
        private final Map<K, Item<T>> items = new LinkedHashMap<>();

        Shelf(Class<?> type, Function<T, Live<T>> maker, Function<T, Map<String, Object>> describer) {
            this.type = type;
            this.maker = maker;
            this.describer = describer;
        }

        void keep(Set<K> wanted) {
            items.entrySet().removeIf(entry -> {
                if (wanted.contains(entry.getKey())) {
                    return false;
                }
                entry.getValue().withdraw();
                return true;
            });
        }

        void show(Map<K, T> now) {
            now.forEach((key, status) -> {
                Item<T> item = items.get(key);
                if (item == null) {
                    items.put(key, register(status));
                } else {
                    item.follow(status, describer.apply(status));
                }
            });
        }

        private Item<T> register(T status) {
            Live<T> live = maker.apply(status);
            Map<String, Object> properties = describer.apply(status);
            return new Item<>(live, context.registerService(type.getName(), live, dictionary(properties)), properties);
        }
    }

    private static Dictionary<String, Object> dictionary(Map<String, Object> properties) {
        return new Hashtable<>(properties);
    }

    /** One registered service. */
    private static final class Item<T> {
        private final Live<T> live;
        private final ServiceRegistration<?> registration;
        private Map<String, Object> properties;

        Item(Live<T> live, ServiceRegistration<?> registration, Map<String, Object> properties) {
            this.live = live;
            this.registration = registration;
            this.properties = properties;
        }

        void follow(T status, Map<String, Object> now) {
            live.follow(status);
            if (!properties.equals(now)) {
                properties = now;
                registration.setProperties(dictionary(now));
            }
        }

        void withdraw() {
            try {
                registration.unregister();
            } catch (IllegalStateException e) {
                // The bundle stops and the framework was faster.
                return;
            }
        }
    }
}
