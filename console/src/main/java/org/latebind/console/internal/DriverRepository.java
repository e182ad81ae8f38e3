package org.latebind.console.internal;

import aQute.bnd.osgi.repository.ResourcesRepository;
import aQute.bnd.osgi.repository.XMLResourceParser;
import aQute.bnd.osgi.resource.CapReqBuilder;
import aQute.bnd.osgi.resource.ResourceBuilder;
import aQute.bnd.osgi.resource.ResourceUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.latebind.console.module.DriverModules;
import org.latebind.driver.DriverCapability;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/**
 * Bundles that could be installed: those of folders and of repository indexes. The only class that needs bnd's library, so
 * that a framework without it does everything else.
 */
final class DriverRepository {

    private final ResourcesRepository resources = new ResourcesRepository();

    /** Adds a folder or an index; returns a line for each jar left out. */
    List<String> add(Path place) {
        List<String> problems = new ArrayList<>();
        if (Files.isDirectory(place)) {
            jars(place).forEach(jar -> addJar(jar, problems));
        } else {
            try {
                resources.addAll(XMLResourceParser.getResources(place.toUri()));
            } catch (Exception e) {
                // The parser declares no less.
                throw new DriverModules.ModuleException(place + ": no repository index: " + firstLine(e));
            }
        }
        return List.copyOf(problems);
    }

    private static List<Path> jars(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException e) {
            throw new DriverModules.ModuleException(folder + ": cannot be listed: " + e.getClass().getSimpleName());
        }
    }

    private void addJar(Path jar, List<String> problems) {
        try {
            ResourceBuilder builder = new ResourceBuilder();
            if (builder.addFile(jar.toFile(), jar.toUri())) {
                resources.addAll(List.of(builder.build()));
            } else {
                problems.add(jar + ": ignored: no bundle");
            }
        } catch (Exception e) {
            problems.add(jar + ": ignored: " + firstLine(e));
        }
    }

    /** Bundles whose capability names this compatible string. */
    List<Resource> driving(String compatible) {
        Requirement wanted = new CapReqBuilder(DriverCapability.NAMESPACE)
                .filter("(compatible=" + compatible.replaceAll("([\\\\()*])", "\\\\$1") + ")").buildSyntheticRequirement();
        return resources.findProvider(wanted).stream().map(Capability::getResource).distinct().toList();
    }

    /** What could satisfy a requirement. */
    Collection<Capability> findProviders(Requirement requirement) {
        return resources.findProvider(requirement);
    }

    /** Where a resource's jar is. */
    static String location(Resource resource) {
        return ResourceUtils.getContentCapability(resource).url().toString();
    }

    /** Symbolic name and version, for people and to compare. */
    static Capability identity(Resource resource) {
        return resource.getCapabilities(IdentityNamespace.IDENTITY_NAMESPACE).get(0);
    }

    /** Newer providers of a package first, as a framework would choose. */
    static int byVersion(Capability one, Capability other) {
        Object left = one.getAttributes().get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE);
        Object right = other.getAttributes().get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE);
        return left instanceof org.osgi.framework.Version l && right instanceof org.osgi.framework.Version r ? r.compareTo(l) : 0;
    }

    private static String firstLine(Exception e) {
        String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return text.lines().findFirst().orElse("");
    }
}
