package org.latebind.iommu;

import org.latebind.driver.Errno;
import org.osgi.annotation.versioning.ConsumerType;

/** A translation context that clients are attached to. Closed when its last client is gone. */
@ConsumerType
public interface Domain extends AutoCloseable {

    /** The domain's type; not null. */
    DomainType type();

    /**
     * Attaches a client: from the return on its streams are served by this domain. Nothing is changed on an error.
     *
     * @return null on success, else the error
     */
    Errno attach(IommuClient client);

    /** Detaches a client: its streams go to the state of an unattached stream. */
    void detach(IommuClient client);

    /** One line on hardware resources held (context bank, ASID ...), for listings; not null. */
    default String describe() {
        return "";
    }

    /** Frees tables and contexts. No client is attached any more. */
    @Override
    void close();
}
