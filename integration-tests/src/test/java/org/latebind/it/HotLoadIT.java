package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.hardware.DmaResult;
import org.latebind.it.toy.ToyBundles;
import org.latebind.runtime.Command;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.GroupStatus;
import org.latebind.runtime.MirroredGroup;
import org.latebind.runtime.MirroredIommu;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;

/** The IPMMU bundle is loaded under clients that wait for it, and unloaded under clients that run. */
@ExtendWith(PaxExamExtension.class)
public class HotLoadIT {

    private static final String BOARD = "teaching.dts";
    private static final String DMA = "/soc/dma@1000000";
    private static final String MMC = "/soc/mmc@1001000";
    private static final String NET = "/soc/ethernet@1002000";
    private static final List<String> MASTERS = List.of(DMA, MMC, NET);
    private static final String LEAF = "/soc/iommu@e6740000";
    private static final String ROOT = "/soc/iommu@e67b0000";

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()));
    }

    private static Live board() throws Exception {
        Live live = Live.board(BOARD, "latebind", Map.of());
        // As after boot: from now on a supplier that binds makes those that wait try again.
        live.core().execute(new Command.LateInit());
        return live;
    }

    private static void expectAll(Live live, String outcome) {
        assertThat(live.outcomes()).containsEntry(DMA, outcome).containsEntry(MMC, outcome).containsEntry(NET, outcome);
    }

    private static DmaClient client(Live live, String path) {
        return live.service(DmaClient.class, "(latebind.device.path=" + path + ")");
    }

    @Test
    public void clientsWaitAndAreBoundWhenTheBundleStarts() throws Exception {
        try (Live live = board()) {
            live.start("dma-client");
            expectAll(live, "PENDING");
            assertThat(live.core().snapshot().deferred()).containsExactlyInAnyOrderElementsOf(MASTERS);
            assertThat(live.device(MMC).reason()).as("a waiting device says why").isNotNull();
            live.start("ipmmu-vmsa");
            expectAll(live, "BOUND_TRANSLATED");
            assertThat(live.device(DMA).streams()).containsExactly(0, 1);
            assertThat(live.device(NET).iommu()).isEqualTo(LEAF);
            assertThat(live.core().snapshot().groups()).singleElement().extracting(GroupStatus::members)
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(String.class))
                    .containsExactlyInAnyOrderElementsOf(MASTERS);
        }
    }

    @Test
    public void aWaitingClientNamesTheBundleThatIsInstalledAndNotStarted() throws Exception {
        try (Live live = board()) {
            live.start("dma-client");
            assertThat(live.device(MMC).reason().toString()).contains("no known module or bundle drives it");
            live.install("ipmmu-vmsa");
            live.settled();
            assertThat(live.device(MMC).reason().toString()).contains("bundle ipmmu-vmsa would drive it: load ipmmu-vmsa")
                    .contains(LEAF).doesNotContain("no known module");
            expectAll(live, "PENDING");
        }
    }

    @Test
    public void aTransferGoesThroughTranslatedMemoryAndAStrayOneFaults() throws Exception {
        try (Live live = board()) {
            live.start("dma-client");
            live.start("ipmmu-vmsa");
            live.settled();
            byte[] data = {1, 2, 3, 4, 5, 6, 7, 8};
            DmaClient.Transfer written = client(live, MMC).write(0, data);
            assertThat(written.result().kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(written.intact()).as("the right bytes at the right place").isTrue();
            assertThat(client(live, MMC).read(0, data).data()).isEqualTo(data);
            DmaClient.Transfer stray = client(live, MMC).writeAt(0, 0xdead0000L, data);
            assertThat(stray.result().kind()).isEqualTo(DmaResult.Kind.FAULT);
            assertThat(stray.result().faultAddress()).isEqualTo(0xdead0000L);
            assertThat(stray.device()).isEqualTo(MMC);
        }
    }

    @Test
    public void aFlightRecordingDoesNoHarmWhereTheFrameworkHidesTheRecordersInnerPackages() throws Exception {
        try (jdk.jfr.Recording recording = new jdk.jfr.Recording(); Live live = board()) {
            recording.start();
            live.start("dma-client");
            live.start("ipmmu-vmsa");
            expectAll(live, "BOUND_TRANSLATED");
            assertThat(client(live, MMC).write(0, new byte[1]).result().kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
        }
    }

    @Test
    public void anUnloadReleasesTheClientsFirstAndTheyWaitAgain() throws Exception {
        try (Live live = board()) {
            live.start("dma-client");
            Bundle ipmmu = live.start("ipmmu-vmsa");
            expectAll(live, "BOUND_TRANSLATED");
            DmaClient held = client(live, NET);
            ipmmu.stop();
            expectAll(live, "PENDING");
            assertThat(live.core().snapshot().iommus()).isEmpty();
            assertThat(live.core().snapshot().groups()).isEmpty();
            assertThat(live.core().snapshot().drivers()).noneMatch(driver -> driver.name().equals("ipmmu-vmsa"));
            assertThat(held.write(0, new byte[8]).result().ok()).as("a client that lost its driver transfers nothing").isFalse();
            ipmmu.start();
            expectAll(live, "BOUND_TRANSLATED");
        }
    }

    @Test
    public void theRootAndTheLeafComeUpInBothOrders() throws Exception {
        try (Live live = board()) {
            live.start("dma-client");
            live.start("ipmmu-vmsa");
            expectAll(live, "BOUND_TRANSLATED");
            for (List<String> order : List.of(List.of(ROOT, LEAF), List.of(LEAF, ROOT))) {
                for (String path : List.of(LEAF, ROOT)) {
                    live.core().execute(new Command.Unbind(path));
                }
                assertThat(live.device(ROOT).driver()).isNull();
                assertThat(live.device(LEAF).driver()).isNull();
                for (String path : order) {
                    live.core().execute(new Command.Bind(path, null));
                }
                live.core().execute(new Command.Bind(LEAF, null));
                assertThat(live.device(ROOT).driver()).as("%s", order).isEqualTo("ipmmu-vmsa");
                assertThat(live.device(LEAF).driver()).as("%s", order).isEqualTo("ipmmu-vmsa");
                expectAll(live, "BOUND_TRANSLATED");
            }
        }
    }

    @Test
    public void unitsAndGroupsAreServicesAsLongAsTheyExist() throws Exception {
        try (Live live = board()) {
            live.start("dma-client");
            Bundle ipmmu = live.start("ipmmu-vmsa");
            live.settled();
            assertThat(live.service(MirroredIommu.class, "(latebind.device.path=" + LEAF + ")").status().clients())
                    .containsExactlyInAnyOrderElementsOf(MASTERS);
            assertThat(live.service(MirroredGroup.class, "(latebind.group=0)").status().iommu()).isEqualTo(LEAF);
            ipmmu.stop();
            live.settled();
            assertThat(live.service(MirroredIommu.class, "(latebind.device.path=*)")).isNull();
            assertThat(live.service(MirroredGroup.class, "(latebind.group=*)")).isNull();
        }
    }

    @Test
    public void aBundleOfOneHeaderIsAClientDriver() throws Exception {
        try (Live live = board()) {
            Bundle clients = live.install("dma-client");
            Bundle net = ToyBundles.headersOnly(live.context(), "teaching-net",
                    Map.of("Latebind-Client", "net;compatible=\"latebind,teaching-net\""));
            clients.start();
            live.start("ipmmu-vmsa");
            assertThat(live.outcome(NET)).as("claimed by a bundle that is not started").isIn("NO_DRIVER", "GROUPED_UNBOUND");
            assertThat(live.device(DMA).driver()).isEqualTo("dma-client");
            net.start();
            assertThat(live.outcome(NET)).isEqualTo("BOUND_TRANSLATED");
            assertThat(live.device(NET).driver()).isEqualTo("net");
            assertThat(client(live, NET).write(0, new byte[] {1}).intact()).isTrue();
            net.stop();
            assertThat(live.device(NET).driver()).isNull();
        }
    }
}
