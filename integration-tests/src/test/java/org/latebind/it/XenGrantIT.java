package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Machine;
import org.latebind.hardware.xen.BackendDomains;
import org.latebind.hardware.xen.GrantInspection;
import org.latebind.hardware.xen.GrantLedger;
import org.latebind.pci.PciPopulationReader;
import org.latebind.probe.PciDevices;
import org.latebind.probe.Population;
import org.latebind.runtime.Command;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.LogEntry;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;

/** The grant-DMA bundle is loaded under virtio devices that wait for it, and unloaded while a backend still maps their pages. */
@ExtendWith(PaxExamExtension.class)
public class XenGrantIT {

    private static final String BOARD = "xen-guest-virtio.dts";
    private static final String DISK = "/virtio@2000000";
    private static final String SECOND_DISK = "/virtio@2000200";
    private static final String NODE = "/xen_iommu";
    private static final long GRANT = 1L << 63;

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()));
    }

    private static Live board() throws Exception {
        Live live = Live.board(BOARD, "latebind", Map.of());
        live.core().execute(new Command.LateInit());
        return live;
    }

    private static DmaClient client(Live live, String path) {
        return live.service(DmaClient.class, "(latebind.device.path=" + path + ")");
    }

    private static BackendDomains backends(Live live) {
        return live.service(Machine.class, "(latebind.machine=sim)").hypervisor().orElseThrow().backends();
    }

    private static int firstRef(DmaClient client) {
        return (int) ((client.buffer().dmaAddress() & ~GRANT) >>> 12);
    }

    @Test
    public void virtioDevicesWaitForTheBundleAndWorkByGrants() throws Exception {
        try (Live live = board()) {
            live.start("dma-client");
            assertThat(live.outcome(DISK)).isEqualTo("PENDING");
            assertThat(live.device(DISK).reason().toString()).contains(NODE);
            live.start("xen-grant");
            assertThat(live.outcome(DISK)).isEqualTo("BOUND_TRANSLATED");
            assertThat(live.device(SECOND_DISK).iommu()).isEqualTo(NODE);
            assertThat(live.device(DISK).streams()).as("the backend domain").containsExactly(2);
            DmaClient disk = client(live, DISK);
            assertThat(disk.buffer().dmaAddress()).as("a grant address").isNegative();
            DmaClient.Transfer written = disk.write(0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
            assertThat(written.result().kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(written.intact()).isTrue();
            assertThat(disk.readAt(0, disk.buffer().physicalAddress(), 8).result().kind())
                    .as("a guest-physical address in the hands of a backend").isEqualTo(DmaResult.Kind.FAULT);
            GrantInspection inspection = live.service(GrantInspection.class, null);
            assertThat(inspection.snapshot().devices()).extracting(GrantInspection.Client::backend).containsExactly(2, 3);
        }
    }

    @Test
    public void anUnloadUnderABackendThatHoldsOnKeepsItsPagesAndReportsTheDevice() throws Exception {
        try (Live live = board()) {
            live.start("dma-client");
            Bundle bundle = live.start("xen-grant");
            assertThat(live.outcome(DISK)).isEqualTo("BOUND_TRANSLATED");
            BackendDomains backends = backends(live);
            int ref = firstRef(client(live, DISK));
            int otherRef = firstRef(client(live, SECOND_DISK));
            BackendDomains.Answer mapped = backends.map(2, ref, false);
            assertThat(mapped.ok()).isTrue();
            bundle.stop();
            assertThat(live.outcome(DISK)).isEqualTo("PENDING");
            assertThat(live.service(GrantInspection.class, null)).isNull();
            GrantLedger ledger = live.service(GrantLedger.class, null);
            assertThat(ledger.leftovers()).singleElement().satisfies(left -> assertThat(left.device()).isEqualTo(DISK));
            assertThat(live.core().log()).extracting(LogEntry::text).anyMatch(line -> line.contains(DISK)
                    && line.contains("a backend still uses grants"));
            assertThat(backends.map(3, otherRef, false).ok()).as("all else is ended").isFalse();
            bundle.start();
            assertThat(live.outcome(DISK)).isEqualTo("BOUND_TRANSLATED");
            GrantInspection inspection = live.service(GrantInspection.class, null);
            assertThat(inspection.snapshot().grants()).noneMatch(grant -> grant.ref() == ref);
            assertThat(client(live, DISK).write(0, new byte[] {9}).intact()).isTrue();
            assertThat(backends.unmap(2, mapped.handle()).ok()).isTrue();
            assertThat(inspection.reclaim()).isPositive();
            assertThat(ledger.leftovers()).isEmpty();
        }
    }

    @Test
    public void theStubOfLinuxTranslatesNobodyAndTheVirtioCheckStillGivesGrants() throws Exception {
        Configured role = Configured.of("xen-grant", Map.of("role", "linux-6.2"));
        try (Live live = board()) {
            live.start("dma-client");
            live.start("xen-grant");
            assertThat(live.outcome(DISK)).isEqualTo("BOUND_DIRECT");
            assertThat(client(live, DISK).buffer().dmaAddress()).isNegative();
        } finally {
            role.close();
        }
    }

    /** Scenario 22 live: functions of a host bridge have their backends by requester id, through iommu-map. */
    @Test
    public void functionsOfAPciHostGetGrantsForTheBackendOfTheirRequesterId() throws Exception {
        Path boards = Path.of(System.getProperty("latebind.boards"));
        DeviceTree tree = DtsReader.read(boards.resolve("xen-dom0.dts"));
        String host = "/pcie@10000000";
        Population functions = PciDevices.population(tree, PciPopulationReader.read(boards.resolve("xen-dom0.pci")));
        try (Live live = Live.tree(tree, functions, "latebind", Map.of())) {
            live.core().execute(new Command.LateInit());
            live.start("dma-client");
            assertThat(live.outcome(host + "@8")).isEqualTo("PENDING");
            assertThat(live.device(host + "@8").reason().toString()).contains("iommu-map", "/iommu");
            assertThat(live.outcome(host + "@10")).as("the map leaves 02.0 out").isEqualTo("BOUND_DIRECT");
            live.start("xen-grant");
            assertThat(List.of("@8", "@18", "@19")).allSatisfy(function -> {
                assertThat(live.outcome(host + function)).isEqualTo("BOUND_TRANSLATED");
                DmaClient client = client(live, host + function);
                assertThat(client.buffer().dmaAddress()).as("a grant address").isNegative();
                assertThat(client.write(0, new byte[] {1, 2, 3}).intact()).isTrue();
            });
            DmaClient.Transfer direct = client(live, host + "@10").write(0, new byte[] {4, 5});
            assertThat(direct.result().kind()).isEqualTo(DmaResult.Kind.UNTRANSLATED);
            assertThat(direct.intact()).isTrue();
            GrantInspection inspection = live.service(GrantInspection.class, null);
            assertThat(inspection.snapshot().devices()).extracting(GrantInspection.Client::backend)
                    .containsExactlyInAnyOrder(2, 2, 4, 5);
        }
    }
}
