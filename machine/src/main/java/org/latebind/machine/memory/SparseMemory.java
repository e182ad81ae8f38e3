package org.latebind.machine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.WordArrayMemory;

/**
 * Physical memory of a simulated machine: ranges given at construction, storage made when first written, everything
 * else aborts. Memory that was never written reads as zero. Thread safe and lock free; no call allocates Java memory
 * except the first write to a 64 KiB piece.
 *
 * <p>The storage is an array of 64-bit words per piece, so that 64-bit accesses are single array accesses and smaller
 * stores replace their part of a word by compare-and-set: neighbours are never disturbed.
 */
public final class SparseMemory implements WordArrayMemory {

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle BYTES = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int OFFSET_MASK = CHUNK_BYTES - 1;

    private final List<MemoryRange> ranges;
    private final RangeDirectory[] directories;
    /** The chunk of a recent access. A racy hint: chunks are immutable objects that know their own addresses. */
    private Chunk recent = new Chunk(0, 0, 0);

    /**
     * Makes memory of one range.
     *
     * @param start     first byte, a multiple of 64
     * @param sizeBytes size, a positive multiple of 64
     */
    public SparseMemory(long start, long sizeBytes) {
        this(List.of(new MemoryRange(start, sizeBytes)));
    }

    /**
     * Makes memory of several ranges.
     *
     * @param ranges ranges that do not overlap; at least one, none null
     */
    public SparseMemory(List<MemoryRange> ranges) {
        this.ranges = List.copyOf(ranges);
        if (this.ranges.isEmpty()) {
            throw new IllegalArgumentException("memory without a range");
        }
        for (int i = 0; i < this.ranges.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (this.ranges.get(i).overlaps(this.ranges.get(j))) {
                    throw new IllegalArgumentException("memory ranges overlap: " + this.ranges.get(j)
                            + " and " + this.ranges.get(i));
                }
            }
        }
        directories = this.ranges.stream().map(RangeDirectory::new).toArray(RangeDirectory[]::new);
    }

    /** Returns the ranges as given. */
    public List<MemoryRange> ranges() {
        return ranges;
    }

    @Override
    public int read8(long address) {
        return (int) (word(address, 1) >>> (address & 7) * 8) & 0xff;
    }

    @Override
    public int read16(long address) {
        aligned(address, 2);
        return (int) (word(address, 2) >>> (address & 7) * 8) & 0xffff;
    }

    @Override
    public int read32(long address) {
        aligned(address, 4);
        return (int) (word(address, 4) >>> (address & 7) * 8);
    }

    @Override
    public long read64(long address) {
        aligned(address, 8);
        return word(address, 8);
    }

    @Override
    public void write8(long address, int value) {
        store(chunk(address, "write", 1), address, 0xffL, value);
    }

    @Override
    public void write16(long address, int value) {
        aligned(address, 2);
        store(chunk(address, "write", 2), address, 0xffffL, value);
    }

    @Override
    public void write32(long address, int value) {
        aligned(address, 4);
        store(chunk(address, "write", 4), address, 0xffff_ffffL, value);
    }

    @Override
    public void write64(long address, long value) {
        aligned(address, 8);
        chunk(address, "write", 8).words[index(address)] = value;
    }

    @Override
    public int compareAndExchange16(long address, int expected, int value) {
        aligned(address, 2);
        return (int) exchange(address, 0xffffL, expected, value, 2);
    }

    @Override
    public int compareAndExchange32(long address, int expected, int value) {
        aligned(address, 4);
        return (int) exchange(address, 0xffff_ffffL, expected, value, 4);
    }

    @Override
    public long compareAndExchange64(long address, long expected, long value) {
        aligned(address, 8);
        return (long) WORDS.compareAndExchange(chunk(address, "exchange", 8).words, index(address), expected, value);
    }

    @Override
    public void read(long address, byte[] into, int offset, int length) {
        bounds(into, offset, length);
        require(address, length, "read");
        int done = 0;
        while (done < length) {
            long at = address + done;
            if ((at & 7) == 0 && length - done >= Long.BYTES) {
                BYTES.set(into, offset + done, word(at, 8));
                done += Long.BYTES;
            } else {
                into[offset + done] = (byte) read8(at);
                done++;
            }
        }
    }

    @Override
    public void write(long address, byte[] from, int offset, int length) {
        bounds(from, offset, length);
        require(address, length, "write");
        int done = 0;
        while (done < length) {
            long at = address + done;
            if ((at & 7) == 0 && length - done >= Long.BYTES) {
                write64(at, (long) BYTES.get(from, offset + done));
                done += Long.BYTES;
            } else {
                write8(at, from[offset + done]);
                done++;
            }
        }
    }

    @Override
    public void fill(long address, long length, int value) {
        if (length < 0) {
            throw new IllegalArgumentException("fill of " + length + " bytes");
        }
        require(address, length, "fill");
        long pattern = (value & 0xffL) * 0x0101_0101_0101_0101L;
        long done = 0;
        while (done < length) {
            long at = address + done;
            long inChunk = Math.min(length - done, CHUNK_BYTES - (at & OFFSET_MASK));
            if (pattern != 0 || directory(at).find(at) != null) {
                fillChunk(chunk(at, "fill", inChunk).words, at, inChunk, pattern);
            }
            done += inChunk;
        }
    }

    @Override
    public boolean isMemory(long address, long length) {
        if (length < 0) {
            return false;
        }
        long at = address;
        long left = length;
        while (left > 0) {
            RangeDirectory d = directory(at);
            if (d == null) {
                return false;
            }
            long here = d.length - (at - d.first);
            if (here >= left) {
                return true;
            }
            left -= here;
            at += here;
            if (at == 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public long[] words(long address) {
        RangeDirectory d = directories[0];
        if (d.holds(address)) {
            Chunk c = d.find(address);
            if (c != null) {
                return c.words;
            }
        }
        return chunk(address, "access", 8).words;
    }

    private static void fillChunk(long[] words, long address, long length, long pattern) {
        long at = address;
        long end = address + length;
        for (; at != end && (at & 7) != 0; at++) {
            storeWord(words, index(at), 0xffL << (at & 7) * 8, pattern);
        }
        int whole = (int) (end - at) >>> 3;
        int index = index(at);
        for (int i = 0; i < whole; i++) {
            words[index + i] = pattern;
        }
        for (at += 8L * whole; at != end; at++) {
            storeWord(words, index(at), 0xffL << (at & 7) * 8, pattern);
        }
    }

    private static int index(long address) {
        return (int) (address & OFFSET_MASK) >>> 3;
    }

    private static void aligned(long address, int size) {
        if ((address & size - 1) != 0) {
            throw new IllegalArgumentException("access of " + size + " bytes at unaligned address 0x"
                    + Long.toHexString(address));
        }
    }

    private static void bounds(byte[] array, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, array.length);
    }

    private void require(long address, long length, String access) {
        if (!isMemory(address, length)) {
            throw abort(address, access, length);
        }
    }

    /** Returns the word that holds {@code address}; zero where nothing was written yet. */
    private long word(long address, int size) {
        Chunk c = recent;
        if (!c.holds(address)) {
            c = look(address, size);
            if (c == null) {
                return 0;
            }
        }
        return c.words[index(address)];
    }

    private Chunk look(long address, int size) {
        RangeDirectory d = directory(address);
        if (d == null) {
            throw abort(address, "read", size);
        }
        Chunk c = d.find(address);
        if (c != null) {
            recent = c;
        }
        return c;
    }

    private Chunk chunk(long address, String access, long size) {
        Chunk c = recent;
        if (c.holds(address)) {
            return c;
        }
        RangeDirectory d = directory(address);
        if (d == null) {
            throw abort(address, access, size);
        }
        c = d.make(address);
        recent = c;
        return c;
    }

    private RangeDirectory directory(long address) {
        for (RangeDirectory d : directories) {
            if (d.holds(address)) {
                return d;
            }
        }
        return null;
    }

    private static ExternalAbortException abort(long address, String access, long size) {
        return new ExternalAbortException(address, access + " of " + size + " bytes");
    }

    private static void store(Chunk c, long address, long mask, long value) {
        int shift = (int) (address & 7) * 8;
        storeWord(c.words, index(address), mask << shift, (value & mask) << shift);
    }

    private static void storeWord(long[] words, int index, long mask, long bits) {
        long old;
        do {
            old = (long) WORDS.getOpaque(words, index);
        } while (!WORDS.weakCompareAndSetPlain(words, index, old, old & ~mask | bits & mask));
    }

    private long exchange(long address, long mask, long expected, long value, int size) {
        long[] words = chunk(address, "exchange", size).words;
        int index = index(address);
        int shift = (int) (address & 7) * 8;
        while (true) {
            long old = (long) WORDS.getVolatile(words, index);
            long found = old >>> shift & mask;
            if (found != (expected & mask)) {
                return found;
            }
            if (WORDS.compareAndSet(words, index, old, old & ~(mask << shift) | (value & mask) << shift)) {
                return found;
            }
        }
    }
}
