package org.latebind.xengrant;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DeviceTreeFile;

/** The guest board with one piece of its source replaced. */
final class SourceTree {

    private SourceTree() {
    }

    static DeviceTree guest(String piece, String replacement) {
        try {
            String source = Files.readString(GuestBoard.VIRTIO_GUEST);
            if (!source.contains(piece)) {
                throw new IllegalArgumentException("the board has no " + piece);
            }
            Path file = Files.createTempFile("guest", ".dts");
            try {
                Files.writeString(file, source.replace(piece, replacement));
                return DeviceTreeFile.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
