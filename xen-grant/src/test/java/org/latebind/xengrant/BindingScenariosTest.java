package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DeviceTreeFile;
import org.latebind.devicetree.Node;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.driver.Errno;
import org.latebind.driver.Failed;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.core.Configuration;

/** The scenarios about binding: who gets grants, who gets plain DMA, who gets nothing. Numbers as in the reference. */
class BindingScenariosTest {

    private static final long BOTH_FEATURES = VirtioCheck.VERSION_1 | VirtioCheck.ACCESS_PLATFORM;

    private static GuestBoard board(GrantRole role, long features) {
        GuestBoard board = new GuestBoard();
        board.start(role, features);
        return board;
    }

    @Test
    void scenario1and2062f9fbtheStubDoesNotTranslateAndTheVirtioCheckInstallsGrants() {
        GuestBoard board = board(GrantRole.LINUX_6_2, BOTH_FEATURES);
        assertThat(board.tree.byPhandle(0xFDE9).path()).as("forward phandle reference").isEqualTo("/xen_iommu");
        Configuration outcome = board.configure(GuestBoard.DISK);
        assertThat(outcome).isInstanceOfSatisfying(Configuration.Untranslated.class, u -> {
            assertThat(u.errno()).isEqualTo(Errno.ENODEV);
            assertThat(u.reason()).contains("not behind an IOMMU");
        });
        assertThat(((GrantDma) board.dma(GuestBoard.DISK)).backend()).isEqualTo(2);
        assertThat(board.records()).isEqualTo(1);
    }

    @Test
    void scenario1inOurOwnRoleTheUnitIsAFirstClassIommu() {
        GuestBoard board = new GuestBoard().start();
        Configuration outcome = board.configure(GuestBoard.DISK);
        assertThat(outcome).isInstanceOfSatisfying(Configuration.Grouped.class,
                g -> assertThat(g.group().current().type()).isEqualTo(DomainType.DMA));
        assertThat(((GrantDma) board.dma(GuestBoard.DISK)).backend()).isEqualTo(2);
    }

    @Test
    void scenario4aSecondBindHasOneFreshRecord() {
        GuestBoard board = new GuestBoard().start();
        GrantDma first = board.bind(GuestBoard.DISK);
        first.map(0x4010_0000L, 4096, Direction.TO_DEVICE, 0);
        board.unbind(GuestBoard.DISK);
        assertThat(board.records()).as("the record ends with the binding").isZero();
        GrantDma second = board.bind(GuestBoard.DISK);
        assertThat(second).isNotSameAs(first);
        assertThat(board.records()).isEqualTo(1);
        assertThat(board.free()).isEqualTo(504);
        assertThat(first.map(0x4010_0000L, 4096, Direction.TO_DEVICE, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
    }

    @Test
    void scenario20aDeviceWithoutAccessPlatformIsRefusedAndLeavesNoRecord() {
        assertThat(VirtioCheck.check(new BackendLookup.Backend(2), VirtioCheck.VERSION_1))
                .isInstanceOfSatisfying(VirtioCheck.Refused.class, r -> assertThat(r.errno()).isEqualTo(Errno.ENODEV));
        assertThat(VirtioCheck.check(new BackendLookup.Backend(2), VirtioCheck.ACCESS_PLATFORM))
                .isInstanceOf(VirtioCheck.Refused.class);
        GuestBoard board = board(GrantRole.LINUX_6_2, VirtioCheck.VERSION_1);
        board.configure(GuestBoard.DISK);
        DmaApi refused = board.dma(GuestBoard.DISK);
        assertThat(refused.map(0x4010_0000L, 4096, Direction.TO_DEVICE, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
        assertThat(refused.setMask(-1L)).isFalse();
        assertThat(board.records()).isZero();
    }

    @Test
    void scenario21anotherIommuOrAnotherCellCountMeansPlainDma() {
        DeviceTree tree = DeviceTreeFile.read(GuestBoard.VIRTIO_GUEST);
        Node disk = tree.byPath(GuestBoard.DISK);
        Node gic = tree.byPhandle(0xFDE8);
        assertThat(BackendLookup.platform(disk, gic)).isInstanceOfSatisfying(BackendLookup.NoBackend.class,
                n -> assertThat(n.errno()).isEqualTo(Errno.ESRCH));
        assertThat(BackendLookup.platform(tree.byPath("/virtio@2000400"), tree.byPath("/xen_iommu")))
                .isEqualTo(new BackendLookup.NoBackend(Errno.ESRCH, "no iommus"));
        assertThat(VirtioCheck.check(new BackendLookup.NoBackend(Errno.ESRCH, ""), 0)).isInstanceOf(VirtioCheck.Plain.class);
        GuestBoard board = board(GrantRole.LINUX_6_2, BOTH_FEATURES);
        board.configure("/virtio@2000400");
        assertThat(board.dma("/virtio@2000400")).isNull();
    }

    @Test
    void scenario21aGrantNodeWithTwoCellsIsNotBound() {
        GuestBoard board = new GuestBoard(SourceTree.guest("#iommu-cells = <1>", "#iommu-cells = <2>"), Map.of());
        List<ProbeResult> results = board.start(GrantRole.FULL, BOTH_FEATURES);
        assertThat(results).singleElement().isInstanceOfSatisfying(Failed.class,
                f -> assertThat(f.errno()).isEqualTo(Errno.EINVAL));
    }

    @Test
    void scenario22functionsGetTheirBackendThroughIommuMap() {
        GuestBoard board = new GuestBoard(DeviceTreeFile.read(GuestBoard.DOM0), Map.of()).start();
        String host = "/pcie@10000000";
        assertThat(board.configurePci(host, 8)).isInstanceOf(Configuration.Grouped.class);
        assertThat(((GrantDma) board.dma(host + "@8")).backend()).isEqualTo(2);
        assertThat(board.configurePci(host, 16)).as("not mapped: plain DMA").isNull();
        assertThat(board.dma(host + "@10")).isNull();
        board.configurePci(host, 25);
        assertThat(((GrantDma) board.dma(host + "@19")).backend()).as("one entry of length 2 names two domains").isEqualTo(5);
        Node bridge = board.tree.byPath(host);
        Node unit = board.tree.byPath("/iommu");
        assertThat(BackendLookup.pci(bridge, 24, unit)).isEqualTo(new BackendLookup.Backend(4));
        assertThat(BackendLookup.pci(bridge, 16, unit)).isInstanceOf(BackendLookup.NoBackend.class);
    }

    @Test
    void theEraBeforeTheVirtioCheckInstalledGrantsForEveryDeviceThatRefersToTheNode() {
        GuestBoard board = board(GrantRole.LINUX_5_19, 0);
        board.configure(GuestBoard.SECOND_DISK);
        assertThat(((GrantDma) board.dma(GuestBoard.SECOND_DISK)).backend()).isEqualTo(3);
    }

    @Test
    void devicesOutsideTheTreeBelongToDomainZeroOnlyWhenForcedAndNeverInDomainZero() {
        assertThat(BackendLookup.undescribed(true, false, false)).isEqualTo(new BackendLookup.Backend(0));
        assertThat(BackendLookup.undescribed(false, true, false)).isEqualTo(new BackendLookup.Backend(0));
        assertThat(BackendLookup.undescribed(true, true, true)).isInstanceOf(BackendLookup.NoBackend.class);
        assertThat(BackendLookup.undescribed(false, false, false)).isInstanceOf(BackendLookup.NoBackend.class);
    }

    @Test
    void aCellThatNamesNoDomainBlocksTheDeviceWhereLinuxWouldCutItOff() {
        GuestBoard board = new GuestBoard(SourceTree.guest("iommus = <&xen_iommu 2>", "iommus = <&xen_iommu 0x10002>"), Map.of());
        board.start();
        Configuration outcome = board.configure(GuestBoard.DISK);
        assertThat(outcome).isInstanceOfSatisfying(Configuration.Grouped.class,
                g -> assertThat(g.group().current().type()).isEqualTo(DomainType.BLOCKED));
        assertThat(board.dma(GuestBoard.DISK).map(0x4010_0000L, 64, Direction.TO_DEVICE, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
        assertThat(board.log).anyMatch(line -> line.contains("0x10002 is no domain id"));
    }

    @Test
    void aDeviceWithTwoBackendsIsBlockedWhereLinuxWouldTakeTheFirst() {
        GuestBoard board = new GuestBoard(SourceTree.guest("iommus = <&xen_iommu 2>",
                "iommus = <&xen_iommu 2>, <&xen_iommu 3>"), Map.of());
        board.start();
        board.configure(GuestBoard.DISK);
        assertThat(board.dma(GuestBoard.DISK)).isInstanceOf(RefusingDma.class);
    }

    @Test
    void withoutXenTheDriverFailsAndLeavesNothingBehind() {
        GuestBoard board = new GuestBoard(SourceTree.guest("\"xen,xen-4.18\", \"xen,xen\"", "\"acme,other\""), Map.of());
        assertThat(board.start(GrantRole.FULL, 0)).singleElement().isInstanceOfSatisfying(Failed.class, f -> {
            assertThat(f.errno()).isEqualTo(Errno.ENODEV);
            assertThat(f.text()).contains("does not run under Xen");
        });
        assertThat(board.driver.snapshot().units()).isEmpty();
        assertThat(board.machine.pages().allocatedBytes()).isZero();
    }

    @Test
    void aWindowThatIsTooSmallForTheTableIsNoHypervisorAtAll() {
        GuestBoard board = new GuestBoard(SourceTree.guest("0x38000000 0x0 0x01000000", "0x38000000 0x0 0x00001000"), Map.of());
        assertThat(board.machine.findings()).anyMatch(finding -> finding.rule().equals("xen-no-grant-window"));
        assertThat(board.start(GrantRole.FULL, 0)).singleElement().isInstanceOf(Failed.class);
    }

    @Test
    void theDeviceTransfersThroughItsGrantsAndNothingElse() {
        GuestBoard board = new GuestBoard().start();
        GrantDma dma = board.bind(GuestBoard.DISK);
        DmaMaster master = board.machine.master(GuestBoard.DISK).orElseThrow();
        byte[] data = {1, 2, 3, 4};
        board.memory().write(0x4010_0ffeL, data, 0, 4);
        long address = dma.map(0x4010_0ffeL, 4, Direction.TO_DEVICE, 0);
        byte[] seen = new byte[4];
        assertThat(master.read(0, address, seen).kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
        assertThat(seen).isEqualTo(data);
        assertThat(master.write(0, address, seen).kind()).as("read-only grant").isEqualTo(DmaResult.Kind.FAULT);
        assertThat(master.read(0, 0x4010_0000L, seen).kind()).as("raw guest address").isEqualTo(DmaResult.Kind.FAULT);
        dma.unmap(address, 4, Direction.TO_DEVICE, 0);
        assertThat(master.read(0, address, seen).kind()).as("after the unmap").isEqualTo(DmaResult.Kind.FAULT);
        assertThat(board.xen.handlesInUse(2)).isZero();
    }
}
