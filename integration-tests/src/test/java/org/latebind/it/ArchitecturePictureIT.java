package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.header.OSGiHeader;
import aQute.bnd.header.Parameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Constants;

/**
 * The picture in docs/architecture.md is what the bundles' manifests say. {@code -Dit.test=ArchitecturePictureIT} with the system
 * property {@code latebind.picture.write=true} (failsafe's {@code argLine}) draws it anew.
 */
class ArchitecturePictureIT {

    private static final Path DOCUMENT = Path.of(System.getProperty("latebind.boards")).toAbsolutePath().normalize()
            .resolveSibling("docs").resolve("architecture.md");
    private static final List<String> BUNDLES = List.of("driver-core", "machine", "ipmmu-vmsa", "arm-smmu", "xen-grant", "dma-client",
            "explorer", "console", "launcher");
    private static final String BEGIN = "```mermaid\n";
    private static final String END = "```\n";

    private static Parameters header(String bundle, String name) throws IOException {
        try (JarFile jar = new JarFile(Provision.jar(bundle))) {
            return OSGiHeader.parseHeader(jar.getManifest().getMainAttributes().getValue(name));
        }
    }

    /** Which bundle imports packages of which others. */
    private static Map<String, Set<String>> imports() throws IOException {
        Map<String, String> exporter = new TreeMap<>();
        for (String bundle : BUNDLES) {
            header(bundle, Constants.EXPORT_PACKAGE).keySet().forEach(name -> exporter.put(name, bundle));
        }
        Map<String, Set<String>> edges = new TreeMap<>();
        for (String bundle : BUNDLES) {
            for (String name : header(bundle, Constants.IMPORT_PACKAGE).keySet()) {
                String from = exporter.get(name);
                if (from != null && !from.equals(bundle)) {
                    edges.computeIfAbsent(bundle, key -> new TreeSet<>()).add(from);
                }
            }
        }
        return edges;
    }

    private static String drawn() throws IOException {
        StringBuilder text = new StringBuilder("graph LR\n");
        Map<String, Set<String>> edges = imports();
        for (String bundle : BUNDLES) {
            edges.getOrDefault(bundle, Set.of()).forEach(to -> text.append("  ").append(bundle).append(" --> ").append(to).append('\n'));
        }
        return text.toString();
    }

    @Test
    void thePictureShowsTheImportsOfTheBundlesAsBuilt() throws IOException {
        String document = Files.readString(DOCUMENT);
        int from = document.indexOf(BEGIN) + BEGIN.length();
        int to = document.indexOf(END, from);
        if (Boolean.getBoolean("latebind.picture.write")) {
            document = document.substring(0, from) + drawn() + document.substring(to);
            Files.writeString(DOCUMENT, document);
            to = document.indexOf(END, from);
        }
        assertThat(document.substring(from, to)).isEqualTo(drawn());
    }

    @Test
    void noArrowGoesBack() throws IOException {
        Map<String, Set<String>> edges = imports();
        assertThat(edges).doesNotContainKey("driver-core");
        for (String driver : List.of("ipmmu-vmsa", "arm-smmu", "xen-grant", "dma-client", "machine")) {
            assertThat(edges.get(driver)).as(driver).containsExactly("driver-core");
        }
        assertThat(edges.get("explorer")).containsExactly("driver-core");
    }
}
