package org.latebind.explorer.catalogue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Strings of an uncompressed arm64 kernel image. A built-in driver's match table holds its compatible strings with a zero byte
 * on both sides; code that is no driver holds such strings as well, so finding one is a hint and no proof.
 */
final class KernelImage {

    /** Place and value of the magic number of an arm64 Image (Linux, Documentation/arch/arm64/booting.rst). */
    private static final int MAGIC_OFFSET = 0x38;
    private static final byte[] MAGIC = {'A', 'R', 'M', 'd'};
    /** Room of one compatible string in a match table. */
    private static final int COMPATIBLE_MAX = 128;
    private static final long SIZE_MAX = 512L << 20;
    private static final byte[][] COMPRESSED = {{0x1f, (byte) 0x8b}, {(byte) 0xfd, '7', 'z', 'X', 'Z'},
        {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd},
        {0x02, 0x21, 0x4c, 0x18}, {'B', 'Z', 'h'}, {'M', 'Z', 0, 0, 'z', 'i', 'm', 'g'}};

    private final Set<String> strings = new HashSet<>();

    private KernelImage(byte[] image) {
        int start = 0;
        boolean text = true;
        for (int i = 0; i < image.length; i++) {
            if (image[i] == 0) {
                if (text && i > start && i - start < COMPATIBLE_MAX) {
                    strings.add(new String(image, start, i - start, StandardCharsets.US_ASCII));
                }
                start = i + 1;
                text = true;
            } else {
                text &= image[i] > ' ' && image[i] < 0x7f;
            }
        }
    }

    /**
     * Opens an image; null when the file is none but may be a list.
     *
     * @throws CatalogueException when the file cannot be read or is compressed
     */
    static KernelImage open(Path file) {
        try (var in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(MAGIC_OFFSET + MAGIC.length);
            for (byte[] magic : COMPRESSED) {
                if (startsWith(head, 0, magic)) {
                    throw new CatalogueException(file + ": a compressed file; an uncompressed kernel image or a list is needed");
                }
            }
            if (!startsWith(head, MAGIC_OFFSET, MAGIC)) {
                return null;
            }
            if (Files.size(file) > SIZE_MAX) {
                throw new CatalogueException(file + ": larger than " + SIZE_MAX + " bytes");
            }
            return new KernelImage(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new CatalogueException(file + ": cannot be read" + (Files.exists(file) ? "" : ": no such file"));
        }
    }

    private static boolean startsWith(byte[] bytes, int offset, byte[] magic) {
        for (int i = 0; i < magic.length; i++) {
            if (offset + i >= bytes.length || bytes[offset + i] != magic[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether this string stands in the image, zero bytes on both sides. */
    boolean holds(String compatible) {
        return strings.contains(compatible);
    }
}
