package org.latebind.passthrough.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.latebind.driver.Errno;

/**
 * Xen's IOMMU set-up at boot: one walk over the nodes in the order of the tree, then passes over those that answered
 * EAGAIN while at least one of a pass succeeds. The deferred list grows at its head, so passes run against the order of the
 * tree.
 *
 * @param result   null when everything is up; {@link Errno#ENODEV} boots on without IOMMU, anything else is a panic
 * @param up       nodes that came up, in that order
 * @param deferred nodes that still wait, in list order
 */
public record IommuSetup(Errno result, List<String> up, List<String> deferred) {

    /** Copies the lists. */
    public IommuSetup {
        up = List.copyOf(up);
        deferred = List.copyOf(deferred);
    }

    /** Tells whether Xen panics: it does for everything but success and "no device". */
    public boolean panics() {
        return result != null && result != Errno.ENODEV;
    }

    /**
     * Runs the set-up.
     *
     * @param nodes nodes with an IOMMU driver, in the order of the tree
     * @param probe brings one up: null for success, {@link Errno#EAGAIN} to wait; {@link Errno#ENODEV} is ignored in the
     *              walk and ends the passes
     */
    public static IommuSetup run(List<String> nodes, Function<String, Errno> probe) {
        List<String> up = new ArrayList<>();
        List<String> deferred = new ArrayList<>();
        for (String node : nodes) {
            Errno error = probe.apply(node);
            if (error == null) {
                up.add(node);
            } else if (error == Errno.EAGAIN) {
                deferred.add(0, node);
            } else if (error != Errno.ENODEV) {
                return new IommuSetup(error, up, deferred);
            }
        }
        if (up.isEmpty()) {
            return new IommuSetup(deferred.isEmpty() ? Errno.ENODEV : Errno.EAGAIN, up, deferred);
        }
        return passes(probe, up, deferred);
    }

    private static IommuSetup passes(Function<String, Errno> probe, List<String> up, List<String> deferred) {
        boolean progress = true;
        while (!deferred.isEmpty() && progress) {
            progress = false;
            for (String node : List.copyOf(deferred)) {
                Errno error = probe.apply(node);
                if (error == null) {
                    deferred.remove(node);
                    up.add(node);
                    progress = true;
                } else if (error != Errno.EAGAIN) {
                    return new IommuSetup(error, up, deferred);
                }
            }
        }
        return new IommuSetup(deferred.isEmpty() ? null : Errno.EAGAIN, up, deferred);
    }
}
