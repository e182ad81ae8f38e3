package org.latebind.smmu.v3;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtbReader;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.DtsWriter;
import org.latebind.devicetree.IommuMap;
import org.latebind.devicetree.Node;
import org.latebind.driver.Bound;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.iommu.Translation;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;

/** Trees of real boards: every available SMMUv3 comes up, every PCI function behind one reaches exactly its own page. */
class RealTreesTest {

    private static final int[] REQUESTERS = {0x0000, 0x0008, 0x00f8, 0x0100, 0x0101, 0x8000, 0xff00, 0xffff};

    private static DeviceTree read(String board) {
        Path file = Path.of(System.getProperty("latebind.shared", "../../shared"), "data", "dtb", board + ".dtb");
        Assumptions.assumeTrue(Files.isReadable(file), "no board tree at " + file);
        return DtbReader.read(file);
    }

    /** A master behind an SMMU and where its page is. */
    private record Behind(DmaMaster master, RigClient client, IommuOps ops, PagingDomain domain, long physical) {
    }

    private static List<Node> units(DeviceTree tree) {
        return tree.findCompatible("arm,smmu-v3").stream().filter(Node::available).toList();
    }

    private static int run(DeviceTree tree, Settings settings) {
        SimMachine machine = SimMachine.of(tree, BuiltInModels.factories(), Map.of());
        SmmuV3Driver driver = new SmmuV3Driver(settings);
        long before = machine.pages().allocatedBytes();
        List<Bound> bound = new ArrayList<>();
        List<Behind> masters = new ArrayList<>();
        for (Node unit : units(tree)) {
            RigDevice device = new RigDevice(tree, unit, machine);
            assertThat(driver.probe(device)).as(unit.path() + device.log).isInstanceOfSatisfying(Bound.class, bound::add);
            masters.addAll(attachFunctions(tree, unit, machine, bound.get(bound.size() - 1).iommu()));
        }
        for (Behind one : masters) {
            byte[] data = {1, 2, 3, 4, (byte) masters.indexOf(one)};
            assertThat(one.master().write(0, 0x10000, data).kind()).as(one.client().name()).isEqualTo(Kind.TRANSLATED);
            assertThat(machine.memory().read8(one.physical() + 4)).isEqualTo(masters.indexOf(one));
            assertThat(one.master().write(0, one.physical(), data).kind()).isEqualTo(Kind.FAULT);
        }
        for (Behind one : masters) {
            one.domain().detach(one.client());
            one.domain().close();
            one.ops().release(one.client());
            assertThat(one.master().write(0, 0x10000, new byte[4]).kind()).isEqualTo(Kind.BLOCKED);
            machine.pages().free(one.physical(), 0x10000);
        }
        bound.forEach(b -> b.binding().close());
        assertThat(machine.findings()).isEmpty();
        assertThat(machine.pages().allocatedBytes()).isEqualTo(before);
        return masters.size();
    }

    private static List<Behind> attachFunctions(DeviceTree tree, Node unit, SimMachine machine, IommuOps ops) {
        List<Behind> masters = new ArrayList<>();
        for (Node host : tree.nodes()) {
            if (!host.has("iommu-map") || !host.available()) {
                continue;
            }
            IommuMap map = IommuMap.of(tree, host, IommuMap.Reading.TARGET_CELLS);
            for (int rid : REQUESTERS) {
                if (map.translate(rid) instanceof IommuMap.Mapped mapped && mapped.reference().target() == unit) {
                    String path = String.format("%s@%04x", host.path(), rid);
                    Translation.Ids ids = (Translation.Ids) ops.translate(null, mapped.reference().cells());
                    assertThat(ids.ids()).containsExactly(rid);
                    RigClient client = new RigClient(path, host, unit.path(), ids.ids());
                    assertThat(ops.probe(client)).isNull();
                    PagingDomain domain = (PagingDomain) ops.allocate(DomainType.DMA, client);
                    assertThat(domain.attach(client)).isNull();
                    long physical = machine.pages().allocate(0x10000, 0x10000, 44);
                    long size = Long.lowestOneBit(domain.pageSizes());
                    assertThat(domain.map(0x10000, physical, size, 1, Protection.READ | Protection.WRITE)).isEqualTo(size);
                    masters.add(new Behind(machine.master(path).orElseThrow(), client, ops, domain, physical));
                }
            }
        }
        return masters;
    }

    @ParameterizedTest
    @CsvSource({"fvp-base-revc,1,8", "qemu-virt-smmuv3,1,8", "rk3588-rock-5b,0,0"})
    void everyAvailableUnitComesUpAndItsFunctionsAreTranslated(String board, int units, int functions) {
        DeviceTree tree = read(board);
        assertThat(units(tree)).hasSize(units);
        for (int stage = 0; stage <= 3; stage++) {
            assertThat(run(tree, Settings.DEFAULT.withStage(stage))).as("stage %d", stage).isEqualTo(functions);
        }
    }

    /** The board's tree leaves both units to whoever uses them; switched on, they come up side by side. */
    @Test
    void unitsThatTheTreeLeavesOffComeUpWhenItSwitchesThemOn() {
        String source = DtsWriter.write(read("rk3588-rock-5b"));
        for (String unit : List.of("iommu@fc900000", "iommu@fcb00000")) {
            int at = source.indexOf(unit);
            int status = source.indexOf("disabled", at);
            source = source.substring(0, status) + "okay" + source.substring(status + "disabled".length());
        }
        DeviceTree tree = DtsReader.read("rk3588 with SMMUs", source);
        assertThat(units(tree)).hasSize(2);
        assertThat(run(tree, Settings.DEFAULT)).isZero();
    }
}
