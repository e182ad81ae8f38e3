package org.latebind.launcher;

import picocli.CommandLine.IVersionProvider;

/** The version as built, and the Java it runs on. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String built = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "latebind " + (built == null ? "0.1.0-SNAPSHOT" : built)
                    + " (Java " + System.getProperty("java.version") + ")"
        };
    }
}
