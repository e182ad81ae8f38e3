package org.latebind.iommu.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.dma.DmaFactory;
import org.latebind.dma.DmaFacts;
import org.latebind.dma.DmaSpace;
import org.latebind.dma.TableDomain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.ReservedRegion;
import org.latebind.iommu.ReservedRegion.Kind;
import org.latebind.pagetable.TestMemory;

/** What becomes of reserved regions: mapped one to one, left alone, or kept out of the addresses that are handed out. */
class ReservedRegionsTest {

    private static final long TOP = 0x1_0000_0000L;
    private static final int RW = 3;

    private final TableDomain domain = new TableDomain(DomainType.DMA, 32);
    private final ToyIommu toy = new ToyIommu("/iommu@1000");
    private final IommuCore core = new IommuCore(ReservedRegionsTest::direct, e -> { });

    private static <T> T direct(String driver, String what, Callable<T> call) {
        try {
            return call.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Group configured(ReservedRegion... firmware) {
        toy.prepared = domain;
        core.register("toy", toy);
        StreamClient client = new StreamClient("/dev", "dev", false, new NoProperties("/dev"));
        return ((Configuration.Grouped) core.configure(client, List.of(new Specifier(toy.path, 1)), List.of(firmware))).group();
    }

    private List<Long> addresses(Group group, int count) {
        DmaApi api = new DmaFactory(domain.memory, new TestMemory.Allocator(0x2000_0000L))
                .translated(new DmaSpace(domain, group.reserved()), DmaFacts.plain());
        List<Long> addresses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            addresses.add(api.map(0x1000, 1, Direction.TO_DEVICE, 0));
        }
        return addresses;
    }

    @Test
    void directRegionsAreMappedOneToOneWhenTheDomainIsMade() {
        Group group = configured(new ReservedRegion(0x8000_0800L, 0x20_1000, RW, Kind.DIRECT),
                new ReservedRegion(0x1_0000L, 0x1000, RW, Kind.DIRECT_RELAXABLE));
        for (long address : new long[] {0x8000_0800L, 0x8010_0000L, 0x8020_17ffL, 0x1_0fffL}) {
            assertThat(domain.iovaToPhys(address)).isEqualTo(address);
        }
        assertThat(domain.iovaToPhys(0x8020_2000L)).isZero();
        assertThat(group.reserved()).hasSize(2);
    }

    @Test
    void blocksAreUsedWhereTheyFit() {
        configured(new ReservedRegion(0x4000_0000L, 0x4020_1000L, RW, Kind.DIRECT));
        assertThat(domain.calls).containsExactly("map 40000000>40000000 40000000*1 p3", "map 80000000>80000000 200000*1 p3",
                "map 80200000>80200000 1000*1 p3");
    }

    @Test
    void otherRegionsAreNotMapped() {
        configured(new ReservedRegion(0x8000_0000L, 0x1000, RW, Kind.RESERVED), new ReservedRegion(0xfee0_0000L, 0x1000, RW, Kind.MSI),
                new ReservedRegion(0x800_0000L, 0x10_0000, RW, Kind.SW_MSI));
        assertThat(domain.calls).isEmpty();
    }

    @Test
    void allButTheSoftwareWindowAreKeptOutOfTheAddresses() {
        toy.regions.add(new ReservedRegion(TOP - 0x1000, 0x1000, RW, Kind.MSI));
        Group group = configured(new ReservedRegion(TOP - 0x3000, 0x1000, RW, Kind.DIRECT),
                new ReservedRegion(TOP - 0x5000, 0x1000, RW, Kind.RESERVED), new ReservedRegion(TOP - 0x6000, 0x1000, RW, Kind.SW_MSI));
        assertThat(addresses(group, 4)).containsExactly(TOP - 0x2000, TOP - 0x4000, TOP - 0x6000, TOP - 0x7000);
    }

    @Test
    void regionsOfTheDriverAndOfTheFirmwareAreMappedTogether() {
        toy.regions.add(new ReservedRegion(0x9000_0000L, 0x1000, RW, Kind.DIRECT));
        configured(new ReservedRegion(0x8000_0000L, 0x1000, RW, Kind.DIRECT));
        assertThat(domain.iovaToPhys(0x9000_0000L)).isEqualTo(0x9000_0000L);
        assertThat(domain.iovaToPhys(0x8000_0000L)).isEqualTo(0x8000_0000L);
    }

    @Test
    void theMemoryWindowsOfAPciHostAreNeverHandedOut() {
        DeviceTree tree = DtsReader.read("host.dts", """
                /dts-v1/;
                / { #address-cells = <2>; #size-cells = <2>;
                    pcie@1000 { device_type = "pci"; #address-cells = <3>; #size-cells = <2>;
                        ranges = <0x01000000 0 0 0 0x20000000 0 0x10000>,
                                 <0x02000000 0 0xffffe000 0 0xffffe000 0 0x2000>,
                                 <0x43000000 0x1 0x0 0x1 0x0 0x1 0x0>; };
                };
                """);
        List<ReservedRegion> windows = FirmwareRegions.windows(tree.byPath("/pcie@1000"));
        assertThat(windows).extracting(ReservedRegion::start).as("memory, not I/O").containsExactly(0xffff_e000L, 0x1_0000_0000L);
        assertThat(windows).extracting(ReservedRegion::kind).containsOnly(Kind.RESERVED);
        Group group = configured(windows.toArray(ReservedRegion[]::new));
        assertThat(addresses(group, 2)).as("from the top, below the window").containsExactly(0xffff_d000L, 0xffff_c000L);
    }

    @Test
    void aHostWhoseRangesCannotBeReadHasNoWindows() {
        DeviceTree tree = DtsReader.read("host.dts", "/dts-v1/; / { pcie { #address-cells = <2>; ranges = <1 2 3>; }; };");
        assertThat(FirmwareRegions.windows(tree.byPath("/pcie"))).isEmpty();
    }
}
