package org.latebind.xengrant;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.latebind.dma.CoherentBuffer;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaAttributes;
import org.latebind.dma.ScatterList;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.xen.GrantLedger;

/**
 * The DMA API of one client: a mapping is a run of grants to the client's backend, its address is the reference. The record
 * of one bind: it ends with the bind, and everything still granted is taken back then.
 *
 * <p>Whole pages of 4096 bytes are exposed, so data beside a small buffer is visible to the backend. Thread safe; may be
 * called from an interrupt handler.
 *
 * <p>When a backend still uses a page whose mapping is undone, the client is broken for the rest of the bind: nothing can be
 * mapped any more, undoing still works, and the page waits among the {@link Leftovers}.
 */
final class GrantDma implements DmaApi, GrantOwner {

    private final String devicePath;
    private final int backend;
    private final GuestGrantTable table;
    private final PageAllocator pages;
    private final Leftovers leftovers;
    private final Consumer<String> alert;
    private final UseGate gate = new UseGate();
    private final ConcurrentMap<Long, CoherentBuffer> buffers = new ConcurrentHashMap<>();
    private volatile String broken;

    GrantDma(String devicePath, int backend, GuestGrantTable table, PageAllocator pages, Leftovers leftovers,
            Consumer<String> alert) {
        this.devicePath = devicePath;
        this.backend = backend;
        this.table = table;
        this.pages = pages;
        this.leftovers = leftovers;
        this.alert = alert;
    }

    @Override
    public String devicePath() {
        return devicePath;
    }

    /** Domain id of the backend. */
    int backend() {
        return backend;
    }

    /** Why nothing can be mapped any more, or null. */
    String broken() {
        return broken;
    }

    /** Only the full 64-bit mask: bit 63 is set in every address. */
    @Override
    public boolean setMask(long mask) {
        return mask == GrantAddress.MASK;
    }

    @Override
    public long map(long physicalAddress, long sizeBytes, Direction direction, int attributes) {
        Objects.requireNonNull(direction, "direction");
        if ((attributes & DmaAttributes.MMIO) != 0 || !gate.enter()) {
            return MAPPING_ERROR;
        }
        try {
            long offset = physicalAddress & GrantAddress.OFFSET_MASK;
            int count = GrantAddress.pages(offset, sizeBytes);
            int first = broken != null ? -1 : grant(physicalAddress >>> GrantAddress.PAGE_SHIFT, count,
                    direction == Direction.TO_DEVICE);
            return first < 0 ? MAPPING_ERROR : GrantAddress.of(first, offset);
        } finally {
            gate.leave();
        }
    }

    /** Grants consecutive frames; a negative result means that nothing was granted. */
    private int grant(long firstFrame, int count, boolean readOnly) {
        // Frames beyond the entry's field are refused: cut off, they would grant somebody else's page.
        if (count < 1 || firstFrame > table.maxFrame() - (count - 1)) {
            return GuestGrantTable.NO_SPACE;
        }
        int first = table.allocate(count, this);
        if (first < 0 && leftovers.reclaim() > 0) {
            first = table.allocate(count, this);
        }
        EntryLayout entries = table.entries();
        for (int i = 0; first >= 0 && i < count; i++) {
            entries.grant(first + i, backend, firstFrame + i, readOnly);
        }
        return first;
    }

    @Override
    public void unmap(long dmaAddress, long sizeBytes, Direction direction, int attributes) {
        if (!gate.enter()) {
            return;
        }
        try {
            int count = GrantAddress.pages(GrantAddress.offset(dmaAddress), sizeBytes);
            int first = GrantAddress.ref(dmaAddress);
            if (buffers.containsKey(dmaAddress) || !table.claim(first, count, this)) {
                alert.accept("unmap of " + sizeBytes + " bytes at 0x" + Long.toHexString(dmaAddress)
                        + ", which is no mapping of that size: ignored");
                return;
            }
            takeBack(first, count, 0);
        } finally {
            gate.leave();
        }
    }

    /** Ends a run that was claimed. Every entry that can be ended is, also behind one that is in use. */
    private void takeBack(int first, int count, long bufferBytes) {
        long frame = table.entries().frame(first);
        if (table.endAll(first, count)) {
            table.free(first, count);
            if (bufferBytes > 0) {
                pages.free(frame << GrantAddress.PAGE_SHIFT, bufferBytes);
            }
            return;
        }
        String reason = "domain " + backend + " still uses grant " + firstInUse(first, count);
        if (broken == null) {
            broken = reason;
        }
        boolean held = leftovers.keep(new GrantLedger.Leftover(devicePath, first, count, frame, bufferBytes));
        alert.accept(reason + "; the device can map nothing any more"
                + (held ? "" : "; this machine cannot keep its pages from being reused"));
    }

    private int firstInUse(int first, int count) {
        for (int ref = first; ref < first + count; ref++) {
            if (table.entries().inUse(ref) != 0) {
                return ref;
            }
        }
        // The backend let go between the two looks.
        return first;
    }

    /** Element by element; nothing is merged. On a failure what was mapped is undone and the first range has length 0. */
    @Override
    public int map(ScatterList list, Direction direction, int attributes) {
        for (int i = 0; i < list.size(); i++) {
            long address = map(list.physicalAddress(i), list.length(i), direction, attributes);
            if (address == MAPPING_ERROR) {
                list.setRanges(i);
                unmap(list, direction, attributes);
                list.setRange(0, 0, 0);
                return 0;
            }
            list.setRange(i, address, list.length(i));
        }
        list.setRanges(list.size());
        return list.size();
    }

    @Override
    public void unmap(ScatterList list, Direction direction, int attributes) {
        for (int i = 0; i < list.ranges(); i++) {
            unmap(list.dmaAddress(i), list.dmaLength(i), direction, attributes);
        }
        list.setRanges(0);
    }

    @Override
    public CoherentBuffer allocateCoherent(long sizeBytes, int attributes) {
        if (!gate.enter()) {
            return null;
        }
        try {
            int count = GrantAddress.pages(0, sizeBytes);
            if (count < 1 || broken != null) {
                return null;
            }
            long bytes = (long) count << GrantAddress.PAGE_SHIFT;
            long physical = pages.allocate(bytes, GrantAddress.PAGE_BYTES, 64);
            if (physical == PageAllocator.NONE) {
                return null;
            }
            int first = grant(physical >>> GrantAddress.PAGE_SHIFT, count, false);
            if (first < 0) {
                pages.free(physical, bytes);
                return null;
            }
            CoherentBuffer buffer = new CoherentBuffer(physical, GrantAddress.of(first, 0), sizeBytes);
            buffers.put(buffer.dmaAddress(), buffer);
            return buffer;
        } finally {
            gate.leave();
        }
    }

    @Override
    public void freeCoherent(CoherentBuffer buffer) {
        if (!gate.enter()) {
            return;
        }
        try {
            release(buffer);
        } finally {
            gate.leave();
        }
    }

    private void release(CoherentBuffer buffer) {
        int count = GrantAddress.pages(0, buffer.sizeBytes());
        int first = GrantAddress.ref(buffer.dmaAddress());
        if (!buffers.remove(buffer.dmaAddress(), buffer) || !table.claim(first, count, this)) {
            alert.accept("free of a buffer at 0x" + Long.toHexString(buffer.dmaAddress())
                    + " that was not allocated here: ignored");
            return;
        }
        takeBack(first, count, (long) count << GrantAddress.PAGE_SHIFT);
    }

    /** Nothing to do: guest and backend see the same memory. */
    @Override
    public void syncForCpu(long dmaAddress, long sizeBytes, Direction direction) {
        // Grants are coherent.
    }

    /** Nothing to do: guest and backend see the same memory. */
    @Override
    public void syncForDevice(long dmaAddress, long sizeBytes, Direction direction) {
        // Grants are coherent.
    }

    /** Ends the bind: no call gets in any more, and everything still granted is taken back. Once. */
    void end() {
        if (!gate.close()) {
            return;
        }
        List.copyOf(buffers.values()).forEach(this::release);
        int undone = 0;
        for (int first = table.firstRun(this, 0); first >= 0; first = table.firstRun(this, first + 1)) {
            int count = table.run(first, this);
            if (table.claim(first, count, this)) {
                takeBack(first, count, 0);
                undone++;
            }
        }
        if (undone > 0) {
            alert.accept(undone + " mappings were left when the driver let go of the device: taken back");
        }
    }
}
