package org.latebind.devicetree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The value of a property while a source is read: bytes, and the places of references, filled in when the tree is known. */
final class SourceData {

    /** A reference by label ({@code &x}) or path ({@code &{/a}}, starts with a slash), as a phandle or as the target's path. */
    record Marker(int offset, String reference, boolean phandle, SourcePlace place) {
    }

    private byte[] bytes = new byte[16];
    private int length;
    final List<Marker> markers = new ArrayList<>(0);

    int length() {
        return length;
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes, length);
    }

    void add(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    void add(byte[] more) {
        room(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
    }

    /** Adds the low {@code bits} bits of a number, big-endian. */
    void number(long value, int bits) {
        for (int shift = bits - 8; shift >= 0; shift -= 8) {
            add((int) (value >>> shift));
        }
    }

    void reference(String reference, boolean phandle, SourcePlace place) {
        markers.add(new Marker(length, reference, phandle, place));
        if (phandle) {
            number(-1, 32);
        }
    }

    private void room(int more) {
        if (more > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
