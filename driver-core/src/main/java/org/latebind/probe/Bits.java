package org.latebind.probe;

/** A run of bits over longs. */
final class Bits {
    private final long[] words;
    private final int start;
    private int at;

    Bits(long[] words, int start) {
        this.words = words;
        this.start = start;
    }

    int count() {
        return at;
    }

    void put(int value, int width) {
        if (words != null && width > 0) {
            int word = start + (at >> 6);
            int shift = at & 63;
            words[word] |= (long) value << shift;
            if (shift + width > 64) {
                words[word + 1] |= (long) value >>> 64 - shift;
            }
        }
        at += width;
    }

    int get(int width) {
        if (width == 0) {
            return 0;
        }
        int word = start + (at >> 6);
        int shift = at & 63;
        long value = words[word] >>> shift;
        if (shift + width > 64) {
            value |= words[word + 1] << 64 - shift;
        }
        at += width;
        return (int) (value & (1L << width) - 1);
    }
}
