package org.latebind.probe;

import java.util.Objects;

/** How attaching a client to its IOMMU went: the answer to {@link Action.Attach}. */
public sealed interface AttachAnswer {

    /** {@link Attached#sharesWith}: the engine's own tables say who shares a group. */
    int BY_TABLE = -2;
    /** {@link Attached#sharesWith}: a group of its own. */
    int ALONE = -1;

    /**
     * The client is in a group with a default domain.
     *
     * @param identity   whether the default domain is identity
     * @param sharesWith a device whose group the client joins, or {@link #ALONE}, or {@link #BY_TABLE}
     */
    record Attached(boolean identity, int sharesWith) implements AttachAnswer { }

    /**
     * The IOMMU does not take this client (ENODEV): it runs direct, by policy.
     *
     * @param reason one line; not null
     */
    record Refused(String reason) implements AttachAnswer {
        /** Checks. */
        public Refused {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * Another error, for example a stream id out of range (EINVAL).
     *
     * @param errno positive error number
     * @param text  one line; not null
     */
    record Error(int errno, String text) implements AttachAnswer {
        /** Checks. */
        public Error {
            Objects.requireNonNull(text, "text");
        }
    }

    /** In a translating domain, grouped by the engine's tables. */
    AttachAnswer TRANSLATED = new Attached(false, BY_TABLE);
    /** In an identity domain, grouped by the engine's tables. */
    AttachAnswer IDENTITY = new Attached(true, BY_TABLE);
}
