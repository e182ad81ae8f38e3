package org.latebind.benchmarks;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.dma.DmaFacts;
import org.latebind.dma.DmaFactory;
import org.latebind.dma.DmaSpace;
import org.latebind.dma.ScatterList;
import org.latebind.iommu.DomainType;
import org.latebind.machine.memory.MemoryAllocator;
import org.latebind.machine.memory.SparseMemory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The DMA API's own cost: addresses, tables, bookkeeping; the invalidation callback does nothing. Sixteen mappings are always
 * in flight, as in a ring of a network card.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DmaBenchmark {

    private static final int RING = 16;
    private static final int SEGMENTS = 16;
    private static final long PAGE = 4096;
    private static final long PACKET = 1500;
    private static final long BUFFERS = 0x5000_0000L;

    /** Which implementation behind the one interface. */
    @Param({"direct", "strict", "lazy"})
    public String way;

    private DmaApi api;
    private final long[] ring = new long[RING];
    private final ScatterList list = new ScatterList(SEGMENTS);
    private int next;

    /** Makes the API and fills the ring. */
    @Setup
    public void makeApi() {
        SparseMemory memory = new SparseMemory(0x4000_0000L, 0x4000_0000L);
        MemoryAllocator allocator = new MemoryAllocator(memory);
        DmaFactory factory = new DmaFactory(memory, allocator);
        DmaFacts facts = new DmaFacts(DmaFacts.MASK_32, -1L, List.of(), true, false);
        DomainType type = way.equals("lazy") ? DomainType.DMA_FQ : DomainType.DMA;
        api = way.equals("direct") ? factory.direct(facts)
                : factory.translated(new DmaSpace(new BenchDomain(type, 48, memory, allocator), List.of()), facts);
        for (int i = 0; i < RING; i++) {
            ring[i] = map(i);
        }
        for (int i = 0; i < SEGMENTS; i++) {
            list.add(BUFFERS + 3 * i * PAGE, i % 2 == 0 ? PAGE : 2 * PAGE);
        }
    }

    private long map(int slot) {
        return api.map(BUFFERS + slot * PAGE, PACKET, Direction.FROM_DEVICE, 0);
    }

    /** One buffer of the ring is unmapped and mapped again. */
    @Benchmark
    public long mapUnmap() {
        next = next + 1 & RING - 1;
        api.unmap(ring[next], PACKET, Direction.FROM_DEVICE, 0);
        ring[next] = map(next);
        return ring[next];
    }

    /** A list of 16 segments, 24 pages, is mapped and unmapped. */
    @Benchmark
    public int scatterGather() {
        int ranges = api.map(list, Direction.TO_DEVICE, 0);
        api.unmap(list, Direction.TO_DEVICE, 0);
        return ranges;
    }
}
