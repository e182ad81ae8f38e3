package org.latebind.smmu.v3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.devicetree.Node;
import org.latebind.driver.Bound;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.Machine;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuOps;
import org.latebind.iommu.PagingDomain;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;
import org.latebind.machine.qemu.QemuMachine;
import org.latebind.machine.qemu.QemuSetup;

/** A machine with one SMMUv3 and the driver on it. */
final class Rig implements AutoCloseable {

    /** Identification of the SMMUv3 in QEMU 7.2. */
    static final Map<String, String> LIKE_QEMU = Map.of("smmu3.idr0", "0x0d40101a", "smmu3.idr1", "0x02730010",
            "smmu3.idr3", "0x1404", "smmu3.idr5", "0x74");

    final Machine machine;
    final DeviceTree tree;
    final RigDevice device;
    final Node host;
    private final AutoCloseable end;
    private long nextPage = 0x7000_0000L;
    private Bound bound;
    private SmmuV3Driver driver;

    Rig(Machine machine, DeviceTree tree, AutoCloseable end) {
        this.machine = machine;
        this.tree = tree;
        this.end = end;
        this.device = new RigDevice(tree, tree.findCompatible("arm,smmu-v3").get(0), machine);
        this.host = tree.findCompatible("pci-host-ecam-generic").get(0);
    }

    static DeviceTree virt() {
        try (InputStream in = Rig.class.getResourceAsStream("/v3/virt.dts")) {
            return DtsReader.read("virt.dts", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Rig model(Map<String, String> options) {
        DeviceTree tree = virt();
        return new Rig(SimMachine.of(tree, BuiltInModels.factories(), options), tree, () -> { });
    }

    /** QEMU with three masters: slots 1, 2, 3 are streams 8, 16, 24. */
    static Rig qemu() {
        QemuMachine machine = QemuMachine.start(QemuSetup.standard());
        return new Rig(machine, machine.tree(), machine);
    }

    SimMachine sim() {
        return (SimMachine) machine;
    }

    ProbeResult tryProbe(Settings settings) {
        driver = new SmmuV3Driver(settings);
        return driver.probe(device);
    }

    /** Loads the driver; it must bind. */
    Rig load(Settings settings) {
        ProbeResult result = tryProbe(settings);
        assertThat(result).as("log: %s", device.log).isInstanceOf(Bound.class);
        bound = (Bound) result;
        return this;
    }

    Rig unload() {
        bound.binding().close();
        bound = null;
        return this;
    }

    Bound bound() {
        return bound;
    }

    SmmuV3Driver driver() {
        return driver;
    }

    IommuOps ops() {
        return bound.iommu();
    }

    /** A PCI function behind the SMMU, known to the driver. */
    RigClient client(int... requesterIds) {
        RigClient client = new RigClient(host.path(), host, device.path(), requesterIds);
        assertThat(ops().probe(client)).isNull();
        return client;
    }

    /** A translated domain the client is attached to. */
    PagingDomain attach(RigClient client) {
        Domain domain = ops().allocate(DomainType.DMA, client);
        assertThat(domain).isInstanceOf(PagingDomain.class);
        assertThat(domain.attach(client)).isNull();
        return (PagingDomain) domain;
    }

    Domain attach(RigClient client, DomainType type) {
        Domain domain = ops().allocate(type, client);
        assertThat(domain.attach(client)).isNull();
        return domain;
    }

    /** Detaches, closes the domain, releases. */
    void leave(RigClient client, Domain domain) {
        domain.detach(client);
        domain.close();
        ops().release(client);
    }

    DmaMaster master(int requesterId) {
        return machine.master(String.format("%s@%04x", host.path(), requesterId)).orElseThrow();
    }

    /** The next 64 KiB of memory for data, at the same place on every machine and far above what the allocator reaches. */
    long page() {
        nextPage += 0x10000;
        return nextPage;
    }

    List<String> rules() {
        return machine.findings().stream().map(f -> f.rule() + ": " + f.detail()).toList();
    }

    @Override
    public void close() {
        try {
            end.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
