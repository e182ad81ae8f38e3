package org.latebind.iommu.core;

import java.util.ArrayList;
import java.util.List;
import org.latebind.driver.Errno;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.ReservedRegion;
import org.latebind.iommu.Translation;

/** An IOMMU driver's answers, chosen by the test, and a record of what it was asked. */
public final class ToyIommu implements IommuOps {

    final String path;
    public final List<String> calls;
    public boolean aborts;
    final List<DomainType> offered = new ArrayList<>(List.of(DomainType.DMA, DomainType.IDENTITY));
    final List<ReservedRegion> regions = new ArrayList<>();
    Object sharedKey;
    DomainType insisted;
    Translation answer;
    Errno probeAnswer;
    Errno attachAnswer;
    RuntimeException attachThrows;
    int openDomains;
    /** Handed out instead of a domain that only notes what happens; null mostly. */
    Domain prepared;

    ToyIommu(String path) {
        this(path, new ArrayList<>());
    }

    public ToyIommu(String path, List<String> calls) {
        this.path = path;
        this.calls = calls;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public Translation translate(IommuClient client, int[] cells) {
        return answer != null ? answer : new Translation.Ids(cells);
    }

    @Override
    public Errno probe(IommuClient client) {
        calls.add("probe " + client.path());
        return probeAnswer;
    }

    @Override
    public void release(IommuClient client) {
        calls.add("release " + client.path());
    }

    @Override
    public Object groupKey(IommuClient client) {
        return sharedKey;
    }

    @Override
    public DomainType defaultDomainType(IommuClient client) {
        return insisted;
    }

    @Override
    public List<ReservedRegion> reservedRegions(IommuClient client) {
        return regions;
    }

    @Override
    public Domain allocate(DomainType type, IommuClient first) {
        if (!offered.contains(type)) {
            return null;
        }
        openDomains++;
        return prepared != null ? prepared : new ToyDomain(type);
    }

    @Override
    public Unattached unattached() {
        return aborts ? Unattached.ABORT : Unattached.BYPASS;
    }

    private final class ToyDomain implements Domain {
        private final DomainType type;

        ToyDomain(DomainType type) {
            this.type = type;
        }

        @Override
        public DomainType type() {
            return type;
        }

        @Override
        public Errno attach(IommuClient client) {
            if (attachThrows != null) {
                throw attachThrows;
            }
            calls.add("attach " + client.path());
            return attachAnswer;
        }

        @Override
        public void detach(IommuClient client) {
            calls.add("detach " + client.path());
        }

        @Override
        public void close() {
            openDomains--;
            calls.add("close");
        }
    }
}
