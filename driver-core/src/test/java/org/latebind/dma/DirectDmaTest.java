package org.latebind.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.pagetable.TestMemory;

class DirectDmaTest {

    private static final long HIGH = 0x9_0000_0100L;

    private final TestMemory memory = new TestMemory();
    private final TestMemory.Allocator pages = new TestMemory.Allocator(0x4000_0000L);
    private final DmaFactory factory = new DmaFactory(memory, pages);

    @Test
    void reachableMemoryIsItsOwnAddressMovedByTheBus() {
        assertThat(factory.direct(DmaFacts.plain()).map(0x8000_0123L, 8, Direction.TO_DEVICE, 0)).isEqualTo(0x8000_0123L);
        List<DmaFacts.Range> ranges = List.of(new DmaFacts.Range(0, 0x4000_0000L, 1L << 30));
        DmaApi moved = factory.direct(new DmaFacts(-1L, 0x3fff_ffff, ranges, false, false));
        assertThat(moved.map(0x4123_4567L, 8, Direction.TO_DEVICE, 0)).isEqualTo(0x123_4567);
        CoherentBuffer buffer = moved.allocateCoherent(100, 0);
        assertThat(buffer.dmaAddress()).isEqualTo(buffer.physicalAddress() - 0x4000_0000L);
        moved.freeCoherent(buffer);
        assertThat(pages.allocatedBytes()).isZero();
    }

    @Test
    void memoryOutOfReachIsBouncedAndCopiedAsTheDirectionSays() {
        DmaApi api = factory.direct(DmaFacts.plain());
        byte[] data = "what the device shall read".getBytes(StandardCharsets.US_ASCII);
        memory.write(HIGH, data, 0, data.length);
        long dma = api.map(HIGH, data.length, Direction.BIDIRECTIONAL, 0);
        assertThat(dma & 0xfff).isEqualTo(0x100);
        assertThat(dma).isBetween(0L, DmaFacts.MASK_32);
        byte[] seen = new byte[data.length];
        memory.read(dma, seen, 0, seen.length);
        assertThat(seen).isEqualTo(data);
        memory.write8(dma + 3, 'X');
        api.syncForCpu(dma, data.length, Direction.BIDIRECTIONAL);
        assertThat(memory.read8(HIGH + 3)).isEqualTo('X');
        memory.write8(HIGH + 4, 'Y');
        api.syncForDevice(dma, data.length, Direction.BIDIRECTIONAL);
        assertThat(memory.read8(dma + 4)).isEqualTo('Y');
        memory.write8(dma + 5, 'Z');
        api.unmap(dma, data.length, Direction.BIDIRECTIONAL, 0);
        assertThat(memory.read8(HIGH + 5)).isEqualTo('Z');
        assertThat(pages.allocatedBytes()).isZero();
    }

    @Test
    void aReadByTheDeviceCopiesNothingBack() {
        DmaApi api = factory.direct(DmaFacts.plain());
        long dma = api.map(HIGH, 8, Direction.TO_DEVICE, 0);
        memory.write64(dma, 7);
        api.unmap(dma, 8, Direction.TO_DEVICE, 0);
        assertThat(memory.read64(HIGH)).isZero();
    }

    @Test
    void whatCannotBeReachedOrBouncedIsAnError() {
        DmaApi api = factory.direct(DmaFacts.plain());
        assertThat(api.map(HIGH, 8, Direction.TO_DEVICE, DmaAttributes.MMIO)).isEqualTo(DmaApi.MAPPING_ERROR);
        assertThat(api.map(0x1000, 0, Direction.TO_DEVICE, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
        assertThat(api.map(-8L, 16, Direction.TO_DEVICE, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
        assertThat(api.setMask(0xff_ffff)).as("no memory below 16 MiB").isFalse();
        assertThat(api.setMask(-1L)).isTrue();
        assertThat(api.map(HIGH, 8, Direction.TO_DEVICE, 0)).isEqualTo(HIGH);
        pages.limit(0);
        assertThat(factory.direct(DmaFacts.plain()).map(HIGH, 8, Direction.TO_DEVICE, 0)).isEqualTo(DmaApi.MAPPING_ERROR);
    }

    @Test
    void aListThatFailsHalfwayIsUndone() {
        DmaApi api = factory.direct(DmaFacts.plain());
        ScatterList list = new ScatterList(3).add(HIGH, 8).add(0x1000, 8).add(HIGH + 0x1000, 8);
        pages.limit(1);
        assertThat(api.map(list, Direction.TO_DEVICE, 0)).isZero();
        assertThat(list.ranges()).isZero();
        assertThat(pages.allocatedBytes()).isZero();
    }
}
