package org.latebind.iommu;

import java.util.List;
import org.latebind.dma.DmaApi;
import org.latebind.driver.Errno;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What an IOMMU driver offers for one instance: the {@code iommu_ops} of Linux. Returned by the driver's probe in
 * {@link org.latebind.driver.Bound#withIommu}; the core registers it, walks the waiting clients, and unregisters it before
 * the binding is closed. All calls come on the thread that owns the core's state.
 */
@ConsumerType
public interface IommuOps {

    /** Path of the instance's device. */
    String path();

    /**
     * Turns one specifier into stream ids (Linux: {@code of_xlate}). Called once per entry of {@code iommus} or per
     * requester-id alias of an {@code iommu-map}.
     *
     * @param client who is asked for; not null
     * @param cells  argument cells of the specifier
     */
    Translation translate(IommuClient client, int[] cells);

    /**
     * Accepts or refuses a client whose ids are complete (Linux: {@code probe_device}).
     *
     * @return null when accepted; {@link Errno#ENODEV} for "not mine", another error otherwise
     */
    default Errno probe(IommuClient client) {
        return null;
    }

    /** Forgets a client; it was detached before. Undoes {@link #probe}. */
    default void release(IommuClient client) {
    }

    /**
     * What groups clients: clients with equal keys share a group. Null leaves it to the core (PCI rules, else one
     * group for each device).
     */
    default Object groupKey(IommuClient client) {
        return null;
    }

    /** The domain type the hardware insists on for a client, or null. */
    default DomainType defaultDomainType(IommuClient client) {
        return null;
    }

    /** Address ranges that matter for this client; empty by default. */
    default List<ReservedRegion> reservedRegions(IommuClient client) {
        return List.of();
    }

    /**
     * Makes a domain (Linux: {@code domain_alloc_paging} and the static identity and blocked domains).
     *
     * @param type  wanted type
     * @param first the client it is made for
     * @return the domain, or null when the type is not offered
     */
    Domain allocate(DomainType type, IommuClient first);

    /**
     * Makes a stage-2 domain on which guests' stages 1 can stand (Linux: {@code IOMMU_HWPT_ALLOC_NEST_PARENT}). It is an ordinary
     * {@link DomainType#UNMANAGED} domain otherwise.
     *
     * @return the domain, or null when the hardware does not offer both stages at once or nothing is left
     */
    default PagingDomain allocateNestingParent(IommuClient first) {
        return null;
    }

    /**
     * Makes a domain whose stage 1 belongs to a guest.
     *
     * @param parent what {@link #allocateNestingParent} of this unit gave
     * @param stage1 the guest's part; not null
     * @return the domain, or null when the unit does not serve this kind or nothing is left
     */
    default NestedDomain allocateNested(PagingDomain parent, GuestStage1 stage1) {
        return null;
    }

    /**
     * The DMA API of a client when the unit makes bus addresses by itself instead of filling a page table that the core
     * chooses addresses for (Xen grants: the address is the grant). The core asks after it attached the client to a
     * {@link DomainType#DMA} domain that is no {@link PagingDomain}, and also after {@link #translate} refused the client
     * with {@link Errno#ENODEV} ("not behind me"), because DMA operations can come from a unit that is no IOMMU to the
     * client. It asks anew for each bind of the client's driver, before the driver's probe, and ends the answer by
     * {@link #endDmaApi} when that driver is removed or its probe did not bind.
     *
     * @return the API, or null when the core's own is right
     */
    default DmaApi dmaApi(IommuClient client) {
        return null;
    }

    /**
     * Ends what {@link #dmaApi} gave, after the client's driver let go of the device: everything still mapped is undone.
     * Harmless for a client that was given nothing.
     */
    default void endDmaApi(IommuClient client) {
    }

    /** What the hardware does, now that its driver is up, with a stream nobody attached. */
    Unattached unattached();

    /** What happens to the traffic of a stream nobody attached. */
    enum Unattached {
        /** It passes untranslated. */ BYPASS,
        /** It is aborted. */ ABORT
    }
}
