package org.latebind.ipmmu.internal;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.iommu.IommuClient;

/** The instances this driver holds, in the order in which they were bound. One thread at a time. */
final class Instances {

    private final List<Instance> bound = new ArrayList<>();
    private final Map<IommuClient, IpmmuDomain> attachments = new IdentityHashMap<>();

    /** The paging domain a client is attached to, or null. */
    IpmmuDomain attachment(IommuClient client) {
        return attachments.get(client);
    }

    /** Notes where a client is; null for nowhere. */
    void attachment(IommuClient client, IpmmuDomain domain) {
        if (domain == null) {
            attachments.remove(client);
        } else {
            attachments.put(client, domain);
        }
    }

    void add(Instance instance) {
        bound.add(instance);
    }

    void remove(Instance instance) {
        bound.remove(instance);
    }

    /** The instance at a path, or null. */
    Instance find(String path) {
        return bound.stream().filter(i -> i.path().equals(path)).findFirst().orElse(null);
    }

    /** The root that leaves use: the one bound last, as a walk over a driver's devices finds it. Null when there is none. */
    Instance root() {
        Instance found = null;
        for (Instance instance : bound) {
            if (instance.isRoot() && instance.features().cacheLeafNodes) {
                found = instance;
            }
        }
        return found;
    }

    /** Leaves of a root, in the order in which they were bound. */
    List<Instance> leavesOf(Instance root) {
        return bound.stream().filter(i -> i.root() == root && i != root).toList();
    }

    boolean isEmpty() {
        return bound.isEmpty();
    }
}
