package org.latebind.benchmarks;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.latebind.dma.IovaAllocator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Sixteen threads churn one 32-bit space: each frees one of its live ranges, from anywhere, and takes a new one of the
 * same size. Sizes are mixed where the space has room: of a million live ranges only one in fifty has two pages.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@Threads(IovaThreadsBenchmark.THREADS)
public class IovaThreadsBenchmark {

    /** Devices that map and unmap at the same time. */
    public static final int THREADS = 16;

    private static final long PAGE = 4096;
    private static final long MASK_32 = 0xffff_ffffL;

    /** Live ranges of all threads together, and which sizes they have. */
    @Param({"1000 mixed", "10000 mixed", "100000 mixed", "1000 small", "100000 small", "1000000 small"})
    public String live;

    private IovaAllocator addresses;
    private int each;
    private boolean mixed;

    /** Makes the empty space. */
    @Setup(Level.Trial)
    public void makeSpace() {
        addresses = new IovaAllocator(PAGE, 0, MASK_32, List.of());
        String[] words = live.split(" ");
        each = Integer.parseInt(words[0]) / THREADS;
        mixed = words[1].equals("mixed");
    }

    /** What one thread holds. */
    @State(Scope.Thread)
    public static class Device {

        private long[] iova;
        private long[] bytes;
        private int next;

        /** Takes this thread's share, in disorder. */
        @Setup(Level.Trial)
        public void fill(IovaThreadsBenchmark space) {
            iova = new long[space.each];
            bytes = new long[space.each];
            Random random = new Random(Thread.currentThread().getId());
            for (int i = 0; i < iova.length; i++) {
                bytes[i] = space.size(random);
                iova[i] = space.addresses.allocate(bytes[i], MASK_32);
                if (iova[i] == IovaAllocator.NONE) {
                    throw new IllegalStateException("the space does not hold " + space.live + " ranges");
                }
            }
            for (int i = iova.length - 1; i > 0; i--) {
                swap(i, random.nextInt(i + 1));
            }
        }

        private void swap(int i, int j) {
            long range = iova[i];
            iova[i] = iova[j];
            iova[j] = range;
            long size = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = size;
        }
    }

    /** Mixed: 1 to 16 pages, 3 on average. */
    private long size(Random random) {
        int dice = random.nextInt(100);
        if (!mixed) {
            return dice < 98 ? PAGE : 2 * PAGE;
        }
        return dice < 60 ? PAGE : dice < 80 ? 2 * PAGE : dice < 95 ? 8 * PAGE : 16 * PAGE;
    }

    /** One pair. */
    @Benchmark
    public long pair(Device device) {
        int slot = device.next;
        device.next = slot + 1 == device.iova.length ? 0 : slot + 1;
        addresses.free(device.iova[slot], device.bytes[slot]);
        device.iova[slot] = addresses.allocate(device.bytes[slot], MASK_32);
        return device.iova[slot];
    }
}
