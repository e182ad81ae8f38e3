package org.latebind.probe;

import java.util.List;
import java.util.Objects;

/**
 * Why a device is what it is, as a tree: device, property, supplier node, compatible string, module or bundle that would
 * satisfy it. Made when somebody looks, from the state.
 *
 * @param kind     what this level of the tree is about; not null
 * @param subject  path of the device or node, name of a driver or module, by kind; not null
 * @param property property of the parent level's node that names the subject; empty for none; not null
 * @param text     one line for people; not null
 * @param causes   what is behind it; empty at the leaves
 */
public record Reason(Kind kind, String subject, String property, String text, List<Reason> causes) {

    /** Copies. */
    public Reason {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(property, "property");
        Objects.requireNonNull(text, "text");
        causes = List.copyOf(causes);
    }

    /** What a level of the tree is about. */
    public enum Kind {
        /** The device asked for. */ DEVICE,
        /** A supplier device that is not ready. */ SUPPLIER,
        /** A node that is no device. */ NODE,
        /** An IOMMU that is not there. */ IOMMU,
        /** A driver's own decision. */ DRIVER,
        /** The module or bundle that would help. */ MODULE,
        /** Nothing known would help. */ NOTHING,
        /** A rule of the policy decided. */ POLICY
    }
}
