package org.latebind.iommu;

import java.util.Objects;
import org.latebind.driver.Errno;

/** Answer to one specifier. */
public sealed interface Translation {

    /**
     * Ids to append to the client's list.
     *
     * @param ids stream ids in order; not null
     */
    record Ids(int... ids) implements Translation {
    }

    /**
     * No. With {@link Errno#ENODEV} the client runs untranslated "by policy"; other errors count as a broken specifier.
     *
     * @param errno  the error; not null
     * @param reason one line for people; not null
     */
    record Refused(Errno errno, String reason) implements Translation {

        /** Checks the arguments. */
        public Refused {
            Objects.requireNonNull(errno, "errno");
            Objects.requireNonNull(reason, "reason");
        }
    }
}
