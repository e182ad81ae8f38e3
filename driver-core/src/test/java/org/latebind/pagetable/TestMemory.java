package org.latebind.pagetable;

import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.TreeMap;
import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.hardware.WordArrayMemory;

/**
 * A small memory for tests of this bundle, which must not know the machine: everything is there, made when touched,
 * in one map. {@link #plain()} hides the arrays, so that the slower way is tested too.
 */
public final class TestMemory implements WordArrayMemory {

    private final TreeMap<Long, long[]> chunks = new TreeMap<>();

    @Override
    public long[] words(long address) {
        return chunks.computeIfAbsent(address & -CHUNK_BYTES, k -> new long[CHUNK_BYTES / Long.BYTES]);
    }

    private static int index(long address) {
        return ((int) address & CHUNK_BYTES - 1) >>> 3;
    }

    private static void aligned(long address, int size) {
        if ((address & size - 1) != 0) {
            throw new IllegalArgumentException("unaligned 0x" + Long.toHexString(address));
        }
    }

    private long part(long address, int bytes) {
        aligned(address, bytes);
        return words(address)[index(address)] >>> 8 * (address & 7) & -1L >>> 64 - 8 * bytes;
    }

    private void part(long address, int bytes, long value) {
        aligned(address, bytes);
        long mask = (-1L >>> 64 - 8 * bytes) << 8 * (address & 7);
        long[] words = words(address);
        words[index(address)] = words[index(address)] & ~mask | value << 8 * (address & 7) & mask;
    }

    @Override
    public int read8(long address) {
        return (int) part(address, 1);
    }

    @Override
    public int read16(long address) {
        return (int) part(address, 2);
    }

    @Override
    public int read32(long address) {
        return (int) part(address, 4);
    }

    @Override
    public long read64(long address) {
        return part(address, 8);
    }

    @Override
    public void write8(long address, int value) {
        part(address, 1, value);
    }

    @Override
    public void write16(long address, int value) {
        part(address, 2, value);
    }

    @Override
    public void write32(long address, int value) {
        part(address, 4, value);
    }

    @Override
    public void write64(long address, long value) {
        part(address, 8, value);
    }

    private synchronized long exchange(long address, int bytes, long expected, long value) {
        long found = part(address, bytes);
        if (found == (expected & -1L >>> 64 - 8 * bytes)) {
            part(address, bytes, value);
        }
        return found;
    }

    @Override
    public int compareAndExchange16(long address, int expected, int value) {
        return (int) exchange(address, 2, expected, value);
    }

    @Override
    public int compareAndExchange32(long address, int expected, int value) {
        return (int) exchange(address, 4, expected, value);
    }

    @Override
    public long compareAndExchange64(long address, long expected, long value) {
        return exchange(address, 8, expected, value);
    }

    @Override
    public void read(long address, byte[] into, int offset, int length) {
        for (int i = 0; i < length; i++) {
            into[offset + i] = (byte) read8(address + i);
        }
    }

    @Override
    public void write(long address, byte[] from, int offset, int length) {
        for (int i = 0; i < length; i++) {
            write8(address + i, from[offset + i]);
        }
    }

    @Override
    public void fill(long address, long length, int value) {
        for (long i = 0; i < length; i++) {
            write8(address + i, value);
        }
    }

    @Override
    public boolean isMemory(long address, long length) {
        return true;
    }

    /** All words that are not zero, by address: what a table's memory is compared with before and after a call. */
    public TreeMap<Long, Long> content() {
        TreeMap<Long, Long> content = new TreeMap<>();
        chunks.forEach((start, words) -> {
            for (int i = 0; i < words.length; i++) {
                if (words[i] != 0) {
                    content.put(start + 8L * i, words[i]);
                }
            }
        });
        return content;
    }

    /** Returns the same memory without its arrays. */
    public PhysicalMemory plain() {
        return (PhysicalMemory) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {PhysicalMemory.class}, (proxy, method, arguments) -> method.invoke(this, arguments));
    }

    /** Hands out addresses upwards, counts what is live, and can be told to be empty or to reuse what was freed. */
    public static final class Allocator implements PageAllocator {

        private final TreeMap<Long, Long> live = new TreeMap<>();
        private long next;
        private int left = Integer.MAX_VALUE;
        private TestMemory reused;
        private final TreeMap<Long, ArrayDeque<Long>> freed = new TreeMap<>();

        /** Starts at an address. */
        public Allocator(long first) {
            next = first;
        }

        /** Hands out freed pieces again, cleared. */
        public void reuse(TestMemory memory) {
            reused = memory;
        }

        /** Goes on from an address. */
        public void start(long first) {
            next = first;
        }

        /** Lets only this many further allocations succeed. */
        public void limit(int allocations) {
            left = allocations;
        }

        @Override
        public long allocate(long sizeBytes, long alignmentBytes, int addressBits) {
            long address = next + alignmentBytes - 1 & -alignmentBytes;
            if (left == 0 || addressBits < 64 && (address + sizeBytes - 1) >>> addressBits != 0) {
                return NONE;
            }
            left--;
            ArrayDeque<Long> again = freed.get(sizeBytes);
            if (again != null && !again.isEmpty()) {
                address = again.pop();
                for (long i = 0; i < sizeBytes; i += 8) {
                    reused.write64(address + i, 0);
                }
            } else {
                next = address + sizeBytes;
            }
            live.put(address, sizeBytes);
            return address;
        }

        @Override
        public void free(long address, long sizeBytes) {
            Long size = live.remove(address);
            if (size == null || size != sizeBytes) {
                throw new ExternalAbortException(address, "free of " + sizeBytes + " bytes, live " + size);
            }
            if (reused != null) {
                freed.computeIfAbsent(sizeBytes, k -> new ArrayDeque<>()).push(address);
            }
        }

        @Override
        public long allocatedBytes() {
            return live.values().stream().mapToLong(Long::longValue).sum();
        }

        /** Number of live allocations. */
        public int count() {
            return live.size();
        }
    }
}
