package org.latebind.devicetree;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One property of a node: a name and bytes. Immutable. Numbers are big-endian, as in the compiled tree. */
public final class Property {

    private final String name;
    private final byte[] data;
    private final int offset;
    private final int length;

    /** A view of {@code length} bytes of {@code data}; the array belongs to the property from now on. */
    Property(String name, byte[] data, int offset, int length) {
        this.name = name;
        this.data = data;
        this.offset = offset;
        this.length = length;
    }

    /** Returns the name. */
    public String name() {
        return name;
    }

    /** Returns the length in bytes. */
    public int length() {
        return length;
    }

    /** Returns a copy of the bytes. */
    public byte[] bytes() {
        return Arrays.copyOfRange(data, offset, offset + length);
    }

    /** Returns byte {@code index} as 0..255. */
    public int u8(int index) {
        return data[offset + checked(index, 1)] & 0xff;
    }

    /** Returns the number of whole 32-bit cells. */
    public int cellCount() {
        return length >> 2;
    }

    /** Returns cell {@code index}; read it unsigned where it matters. */
    public int cell(int index) {
        int at = offset + checked(Math.multiplyExact(index, 4), 4);
        return (data[at] & 0xff) << 24 | (data[at + 1] & 0xff) << 16 | (data[at + 2] & 0xff) << 8 | data[at + 3] & 0xff;
    }

    /** Returns the number made of {@code count} cells from cell {@code index} on; of more than two cells the low 64 bits. */
    public long number(int index, int count) {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 32 | cell(index + i) & 0xffffffffL;
        }
        return value;
    }

    /** Returns all cells; empty when the length is not a multiple of 4. */
    public int[] cells() {
        if ((length & 3) != 0) {
            return new int[0];
        }
        int[] cells = new int[length >> 2];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = cell(i);
        }
        return cells;
    }

    /** Tells whether the bytes are one or more strings: each ends with a zero byte and has no control characters. */
    public boolean isStrings() {
        if (length == 0 || data[offset + length - 1] != 0) {
            return false;
        }
        for (int i = offset; i < offset + length; i++) {
            int b = data[i];
            if (b == 0x7f || b > 0 && b < 0x20 && b != '\t' && b != '\n' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    /** Returns the strings; empty when the bytes are not made of strings. */
    public List<String> strings() {
        if (!isStrings()) {
            return List.of();
        }
        List<String> strings = new ArrayList<>(2);
        int start = offset;
        for (int i = offset; i < offset + length; i++) {
            if (data[i] == 0) {
                strings.add(new String(data, start, i - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
        return List.copyOf(strings);
    }

    /** Tells whether name and bytes are equal. */
    public boolean sameAs(Property other) {
        return name.equals(other.name)
            && Arrays.equals(data, offset, offset + length, other.data, other.offset, other.offset + other.length);
    }

    private int checked(int index, int size) {
        if (index < 0 || index > length - size) {
            throw new IndexOutOfBoundsException("property " + name + " has " + length + " bytes, not " + (index + (long) size));
        }
        return index;
    }

    @Override
    public String toString() {
        return name + "[" + length + "]";
    }
}
