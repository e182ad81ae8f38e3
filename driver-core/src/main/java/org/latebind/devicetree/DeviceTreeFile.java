package org.latebind.devicetree;

import java.nio.file.Path;

/** A device tree in a file, compiled or as source. */
public final class DeviceTreeFile {

    private DeviceTreeFile() {
    }


    /**
     * Reads a file. A name that ends in {@code .dts} or {@code .dtsi} is a source; all else is compiled.
     *
     * @throws DeviceTreeException when there is no such file, or it cannot be read as what it is
     */
    public static DeviceTree read(Path file) {
        String name = file.toString();
        return name.endsWith(".dts") || name.endsWith(".dtsi") ? DtsReader.read(file) : DtbReader.read(file);
    }
}
