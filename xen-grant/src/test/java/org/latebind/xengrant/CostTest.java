package org.latebind.xengrant;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.internal.xen.KeptGrants;
import org.latebind.machine.xen.DomainSpec;

/** Goal: a map and its unmap touch the table as often with 32,000 live grants as with one. Counts, no clocks. */
class CostTest {

    private final AtomicLong accesses = new AtomicLong();
    private final PhysicalMemory counted = counting(XenBench.sparse());
    private final XenBench bench = new XenBench(counted, new ReentrantLock(),
            DomainSpec.guest(1, List.of(XenBench.RAM), XenBench.WINDOW), false);
    private final GuestGrantTable table = bench.table();
    private final GrantDma dma = new GrantDma("/disk", 2, table, bench.pages, new Leftovers(table, bench.pages, new KeptGrants()),
            text -> { });

    private PhysicalMemory counting(PhysicalMemory memory) {
        return (PhysicalMemory) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {PhysicalMemory.class},
                (proxy, method, arguments) -> {
                    accesses.incrementAndGet();
                    try {
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private long costOf(long sizeBytes) {
        long before = accesses.get();
        long address = dma.map(XenBench.P, sizeBytes, Direction.BIDIRECTIONAL, 0);
        assertThat(address).isNotEqualTo(DmaApi.MAPPING_ERROR);
        dma.unmap(address, sizeBytes, Direction.BIDIRECTIONAL, 0);
        return accesses.get() - before;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 32_000})
    void theTableIsTouchedSixTimesForEachPageAndOnceMoreHoweverManyGrantsLive(int live) {
        for (int i = 0; i < live; i++) {
            assertThat(dma.map(XenBench.P, 4096, Direction.TO_DEVICE, 0)).isNotEqualTo(DmaApi.MAPPING_ERROR);
        }
        // Growth happens once; from then on every cycle costs the same.
        costOf(64 * 4096);
        for (int cycle = 0; cycle < 100; cycle++) {
            // Per page: domain, frame, flags; flags read and exchanged; flags read before the reference is free. Once: the frame.
            assertThat(costOf(4096)).isEqualTo(7);
            assertThat(costOf(64 * 4096)).isEqualTo(64 * 6 + 1);
        }
    }
}
