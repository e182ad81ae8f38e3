package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.console.module.OnDemandDrivers;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;

/** Driver bundles are found by a waiting device's compatible string, among many, with what they need. */
@ExtendWith(PaxExamExtension.class)
public class AutoloadIT {

    private static final String NET = "/soc/ethernet@1002000";
    /** Two resources as an indexer writes them. */
    private static final String INDEX = """
            <?xml version="1.0" encoding="UTF-8"?>
            <repository increment="1" name="toys" xmlns="http://www.osgi.org/xmlns/repository/v1.0.0">
            <resource>
              <capability namespace="osgi.identity">
                <attribute name="osgi.identity" value="toy-net"/><attribute name="type" value="osgi.bundle"/>
                <attribute name="version" type="Version" value="1.0.0"/>
              </capability>
              <capability namespace="osgi.content">
                <attribute name="osgi.content" value="0"/><attribute name="url" value="net.jar"/>
                <attribute name="size" type="Long" value="1"/><attribute name="mime" value="application/vnd.osgi.bundle"/>
              </capability>
              <capability namespace="latebind.driver">
                <attribute name="latebind.driver" value="x"/>
                <attribute name="compatible" type="List&lt;String&gt;" value="latebind\\,teaching-net"/>
              </capability>
              <requirement namespace="toy.phy"/>
            </resource>
            <resource>
              <capability namespace="osgi.identity">
                <attribute name="osgi.identity" value="toy-phy"/><attribute name="type" value="osgi.bundle"/>
                <attribute name="version" type="Version" value="1.0.0"/>
              </capability>
              <capability namespace="osgi.content">
                <attribute name="osgi.content" value="1"/><attribute name="url" value="phy.jar"/>
                <attribute name="size" type="Long" value="1"/><attribute name="mime" value="application/vnd.osgi.bundle"/>
              </capability>
              <capability namespace="toy.phy"/>
            </resource>
            </repository>
            """;
    private static final String LEAF = "/soc/iommu@e6740000";

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()), CoreOptions.composite(Provision.onDemand()));
    }

    private static void jar(Path file, String name, String version, Map<String, String> headers) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", name);
        main.putValue("Bundle-Version", version);
        new TreeMap<>(headers).forEach(main::putValue);
        try (OutputStream out = Files.newOutputStream(file); JarOutputStream jar = new JarOutputStream(out, manifest)) {
            jar.flush();
        }
    }

    private static Map<String, String> driver(String compatible) {
        return Map.of("Provide-Capability", "latebind.driver;latebind.driver=x;compatible:List<String>=\"" + compatible + "\"");
    }

    private static List<String> installed(Live live) {
        return Stream.of(live.context().getBundles()).map(Bundle::getSymbolicName).filter(name -> name.startsWith("toy-")).sorted()
                .toList();
    }

    private static List<String> active(Live live) {
        return Stream.of(live.context().getBundles()).filter(bundle -> bundle.getState() == Bundle.ACTIVE)
                .map(Bundle::getSymbolicName).filter(name -> name.startsWith("toy-")).sorted().toList();
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(folder)) {
            all.forEach(files::add);
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(folder);
    }

    @Test
    public void theDriverOfAWaitingDeviceIsFoundAmongTwentyAndItsDependencyIsStartedWithIt() throws Exception {
        Path folder = Files.createTempDirectory("autoload");
        try (Live live = Live.board("teaching.dts", "latebind", Map.of())) {
            for (int i = 0; i < 18; i++) {
                jar(folder.resolve("other-" + i + ".jar"), "toy-other-" + i, "1.0.0", driver("vendor\\,device-" + i));
            }
            Map<String, String> needs = new TreeMap<>(driver("latebind\\,teaching-net"));
            needs.put("Require-Capability", "toy.phy;filter:=\"(toy.phy=one)\"");
            jar(folder.resolve("net.jar"), "toy-net", "1.0.0", needs);
            jar(folder.resolve("phy.jar"), "toy-phy", "1.0.0", Map.of("Provide-Capability", "toy.phy;toy.phy=one"));
            OnDemandDrivers drivers = live.service(OnDemandDrivers.class, null);
            assertThat(drivers.offer(folder)).isEmpty();
            assertThat(installed(live)).as("nothing is installed before it is needed").isEmpty();
            assertThat(drivers.satisfy(live.settled())).singleElement().asString()
                    .contains("toy-net 1.0.0 for latebind,teaching-net", NET);
            assertThat(active(live)).containsExactly("toy-net", "toy-phy");
            assertThat(installed(live)).as("only what is needed").containsExactly("toy-net", "toy-phy");
            assertThat(drivers.satisfy(live.settled())).as("nothing more to do").isEmpty();
        } finally {
            delete(folder);
        }
    }

    @Test
    public void aRepositoryIndexIsAsGoodAsAFolder() throws Exception {
        Path folder = Files.createTempDirectory("autoload");
        try (Live live = Live.board("teaching.dts", "latebind", Map.of())) {
            Map<String, String> needs = new TreeMap<>(driver("latebind\\,teaching-net"));
            needs.put("Require-Capability", "toy.phy;filter:=\"(toy.phy=one)\"");
            jar(folder.resolve("net.jar"), "toy-net", "1.0.0", needs);
            jar(folder.resolve("phy.jar"), "toy-phy", "1.0.0", Map.of("Provide-Capability", "toy.phy;toy.phy=one"));
            Path index = Files.writeString(folder.resolve("index.xml"), INDEX);
            OnDemandDrivers drivers = live.service(OnDemandDrivers.class, null);
            assertThat(drivers.offer(index)).isEmpty();
            assertThat(drivers.satisfy(live.settled())).singleElement().asString().contains("toy-net 1.0.0", NET);
            assertThat(active(live)).containsExactly("toy-net", "toy-phy");
        } finally {
            delete(folder);
        }
    }

    @Test
    public void theIndexWrittenAtBuildTimeNamesTheDriverOfTheBoard() throws Exception {
        try (Live live = Live.board("teaching.dts", "latebind", Map.of())) {
            live.start("dma-client");
            live.core().execute(new org.latebind.runtime.Command.LateInit());
            OnDemandDrivers drivers = live.service(OnDemandDrivers.class, null);
            assertThat(drivers.offer(Path.of(System.getProperty("latebind.index")))).isEmpty();
            assertThat(drivers.satisfy(live.settled())).singleElement().asString().contains("ipmmu-vmsa", LEAF);
            assertThat(live.outcome(NET)).isEqualTo("BOUND_TRANSLATED");
        }
    }

    @Test
    public void aFileThatIsNoIndexIsRefusedWithItsName() throws Exception {
        Path file = Files.writeString(Files.createTempFile("autoload", ".xml"), "<repository");
        try (Live live = Live.board("teaching.dts", "latebind", Map.of())) {
            OnDemandDrivers drivers = live.service(OnDemandDrivers.class, null);
            assertThatThrownBy(() -> drivers.offer(file)).hasMessageContaining(file + ": no repository index");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    public void theRealIommuDriverIsStartedForTheBoardAndTheClientsAreBound() throws Exception {
        try (Live live = Live.board("teaching.dts", "latebind", Map.of())) {
            live.start("dma-client");
            live.core().execute(new org.latebind.runtime.Command.LateInit());
            live.install("arm-smmu");
            live.install("xen-grant");
            live.install("ipmmu-vmsa");
            assertThat(live.outcome(NET)).isEqualTo("PENDING");
            OnDemandDrivers drivers = live.service(OnDemandDrivers.class, null);
            assertThat(drivers.satisfy(live.settled())).singleElement().asString().contains("ipmmu-vmsa", LEAF);
            assertThat(live.outcome(NET)).isEqualTo("BOUND_TRANSLATED");
        }
    }

    @Test
    public void theNewestOfSeveralIsTakenAndACorruptJarIsReportedAndIgnored() throws Exception {
        Path folder = Files.createTempDirectory("autoload");
        try (Live live = Live.board("teaching.dts", "latebind", Map.of())) {
            jar(folder.resolve("a.jar"), "toy-net", "1.0.0", driver("latebind\\,teaching-net"));
            jar(folder.resolve("b.jar"), "toy-net", "1.1.0", driver("latebind\\,teaching-net"));
            Files.write(folder.resolve("corrupt.jar"), new byte[] {'P', 'K', 3, 4, 0, 0, 0, 1});
            OnDemandDrivers drivers = live.service(OnDemandDrivers.class, null);
            assertThat(drivers.offer(folder)).singleElement().asString().contains("corrupt.jar: ignored");
            assertThat(drivers.satisfy(live.settled())).singleElement().asString().contains("toy-net 1.1.0");
        } finally {
            delete(folder);
        }
    }

    @Test
    public void aDriverWhoseNeedsAreNotMetIsReportedOnce() throws Exception {
        Path folder = Files.createTempDirectory("autoload");
        try (Live live = Live.board("teaching.dts", "latebind", Map.of())) {
            Map<String, String> needs = new TreeMap<>(driver("latebind\\,teaching-net"));
            needs.put("Require-Capability", "toy.absent");
            jar(folder.resolve("net.jar"), "toy-net", "1.0.0", needs);
            OnDemandDrivers drivers = live.service(OnDemandDrivers.class, null);
            drivers.offer(folder);
            assertThat(drivers.satisfy(live.settled())).singleElement().asString().contains("toy-net", "does not start");
            assertThat(drivers.satisfy(live.settled())).isEmpty();
            assertThat(active(live)).isEmpty();
        } finally {
            delete(folder);
        }
    }
}
