package org.latebind.it;

import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemPackage;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;
import static org.ops4j.pax.exam.CoreOptions.url;

import java.io.File;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ops4j.pax.exam.Option;

/** What is in the framework of a test. Jars come from the test class path as they are, without a repository. */
final class Provision {

    /** Bundles of this build that a test may want to install itself, each by a system property with its location. */
    static final List<String> INSTALLABLE = List.of("ipmmu-vmsa", "arm-smmu", "xen-grant", "dma-client");
    /** Name of the system property with the location of a bundle is this and its name. */
    static final String LOCATION = "latebind.bundle.";

    private Provision() {
    }

    /** The jar of an artifact on the test class path. */
    static File jar(String artifact) {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Pattern name = Pattern.compile(Pattern.quote(artifact) + "-\\d.*\\.jar");
        return Stream.of(path.split(File.pathSeparator)).map(File::new).filter(file -> name.matcher(file.getName()).matches())
                .findFirst().orElseThrow(() -> new IllegalStateException("not on the test class path as a jar: " + artifact
                        + " (these tests run after the package phase)"));
    }

    static String location(String artifact) {
        return "reference:" + jar(artifact).toURI();
    }

    static Option bundle(String artifact) {
        return url(location(artifact));
    }

    /** Gogo without its interactive half, and the commands. */
    static Option[] console() {
        return options(bundle("org.apache.felix.gogo.runtime"), bundle("explorer"), bundle("console"));
    }

    /** What reads folders and repository indexes for drivers on demand, and the commands' bundle that uses it. */
    static Option[] onDemand() {
        return options(bundle("org.osgi.service.repository"), bundle("biz.aQute.bnd.util"), bundle("biz.aQute.bndlib"),
                bundle("explorer"), bundle("console"));
    }

    /** Felix with DS, Configuration Admin, the driver core, the machine, and the test libraries. */
    static Option[] base() {
        return options(
                // Pax imports slf4j [1.7,2), the product [2,3): both are the same classes of the class path.
                systemPackages("org.slf4j;version=1.7.36", "org.slf4j.spi;version=1.7.36", "org.slf4j.helpers;version=1.7.36",
                        "org.slf4j;version=2.0.17", "org.slf4j.spi;version=2.0.17", "org.slf4j.helpers;version=2.0.17",
                        "org.slf4j.event;version=2.0.17"),
                systemPackage("org.apiguardian.api;version=1.1.2"),
                composite(Stream.of("org.osgi.util.function", "org.osgi.util.promise", "org.osgi.service.component",
                        "org.apache.felix.configadmin", "org.apache.felix.scr", "assertj-core", "byte-buddy", "junit-jupiter-api",
                        "junit-platform-commons", "opentest4j", "driver-core", "machine").map(Provision::bundle)
                        .toArray(Option[]::new)),
                composite(INSTALLABLE.stream().map(name -> systemProperty(LOCATION + name).value(location(name)))
                        .toArray(Option[]::new)));
    }
}
