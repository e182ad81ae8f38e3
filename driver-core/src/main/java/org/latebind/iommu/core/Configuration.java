package org.latebind.iommu.core;

import java.util.Objects;
import org.latebind.driver.Errno;

/** What became of the attempt to put a device behind its IOMMU. */
public sealed interface Configuration {

    /**
     * The device is in a group and attached to the group's domain.
     *
     * @param group the group; not null
     */
    record Grouped(Group group) implements Configuration {

        /** Checks the argument. */
        public Grouped {
            Objects.requireNonNull(group, "group");
        }
    }

    /**
     * The device goes on without an IOMMU; nothing is left behind.
     *
     * @param errno  {@link Errno#ENODEV}: the unit's driver does not translate it, by policy; others: something broke
     * @param reason one line for people; not null
     */
    record Untranslated(Errno errno, String reason) implements Configuration {

        /** Checks the arguments. */
        public Untranslated {
            Objects.requireNonNull(errno, "errno");
            Objects.requireNonNull(reason, "reason");
        }
    }
}
