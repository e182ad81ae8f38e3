package org.latebind.it.toy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/** Builds and installs bundles that exist only in a test. */
public final class ToyBundles {

    private ToyBundles() {
    }

    /** Installs a bundle with a driver that behaves as told; it is not started. */
    public static Bundle driver(BundleContext context, String name, String behaviour, String compatible) throws BundleException {
        return install(context, name, Map.of("Bundle-Activator", ToyActivator.class.getName(),
                "Import-Package", "org.osgi.framework,org.latebind.driver",
                "Toy-Behaviour", behaviour, "Toy-Compatible", compatible), ToyActivator.class);
    }

    /** Installs a bundle without code and with these headers; it is not started. */
    public static Bundle headersOnly(BundleContext context, String name, Map<String, String> headers) throws BundleException {
        return install(context, name, headers);
    }

    private static Bundle install(BundleContext context, String name, Map<String, String> headers, Class<?>... classes)
            throws BundleException {
        return context.installBundle("toy:" + name, new ByteArrayInputStream(jar(name, headers, classes)));
    }

    /** A jar with a driver that behaves as told, while its capability says that it drives these devices like any other. */
    public static byte[] driverJar(String name, String behaviour, String compatible) {
        return jar(name, Map.of("Bundle-Activator", ToyActivator.class.getName(),
                "Import-Package", "org.osgi.framework,org.latebind.driver",
                "Provide-Capability", "latebind.driver;latebind.driver=" + name + ";compatible=\"" + compatible + "\"",
                "Toy-Behaviour", behaviour, "Toy-Compatible", compatible), ToyActivator.class);
    }

    private static byte[] jar(String name, Map<String, String> headers, Class<?>... classes) {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", name);
        main.putValue("Bundle-Version", "1.0.0");
        new TreeMap<>(headers).forEach(main::putValue);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            for (Class<?> type : classes) {
                String entry = type.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new ZipEntry(entry));
                try (InputStream in = type.getClassLoader().getResourceAsStream(entry)) {
                    in.transferTo(jar);
                }
                jar.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
