package org.latebind.dmaclient;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.latebind.dma.CoherentBuffer;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaAttributes;
import org.latebind.driver.Binding;
import org.latebind.driver.Device;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.runtime.DmaClient;

/** The hold on one master. Transfers that run when it is closed are waited for; later ones are refused. */
final class BoundClient implements DmaClient, Binding {

    private static final int CLOSED = Integer.MIN_VALUE;
    private static final int ADDRESS_BITS = 64;
    private static final long CLOSE_SECONDS_MAX = 4;

    private final Device device;
    private final CoherentBuffer buffer;
    private final DmaMaster master;
    /** Transfers under way; plus {@link #CLOSED} once closed. */
    private final AtomicInteger running = new AtomicInteger();
    private final CountDownLatch drained = new CountDownLatch(1);
    private Runnable withdraw = () -> { };

    BoundClient(Device device, CoherentBuffer buffer) {
        this.device = device;
        this.buffer = buffer;
        this.master = device.machine().master(device.path()).orElse(null);
    }

    /** Takes what withdraws the service; called once, before the probe ends. */
    void published(Runnable withdrawal) {
        withdraw = withdrawal;
    }

    @Override
    public String devicePath() {
        return device.path();
    }

    @Override
    public int streams() {
        return master == null ? 0 : master.streams();
    }

    @Override
    public CoherentBuffer buffer() {
        return buffer;
    }

    @Override
    public Transfer write(int stream, byte[] data) {
        return mapped(stream, data, DmaApi.Direction.FROM_DEVICE);
    }

    @Override
    public Transfer read(int stream, byte[] data) {
        return mapped(stream, data, DmaApi.Direction.TO_DEVICE);
    }

    @Override
    public Transfer writeAt(int stream, long busAddress, byte[] data) {
        String refusal = enter(stream);
        if (refusal != null) {
            return refused(stream, busAddress, refusal);
        }
        try {
            DmaResult result = master.write(stream, busAddress, data);
            trace("write", stream, busAddress, -1, result);
            return new Transfer(device.path(), stream, busAddress, -1, result,
                    Arrays.copyOf(data, result.transferredBytes()), result.ok());
        } finally {
            leave();
        }
    }

    @Override
    public Transfer readAt(int stream, long busAddress, int length) {
        String refusal = enter(stream);
        if (refusal != null) {
            return refused(stream, busAddress, refusal);
        }
        try {
            byte[] into = new byte[length];
            DmaResult result = master.read(stream, busAddress, into);
            trace("read", stream, busAddress, -1, result);
            return new Transfer(device.path(), stream, busAddress, -1, result,
                    Arrays.copyOf(into, result.transferredBytes()), result.ok());
        } finally {
            leave();
        }
    }

    private Transfer mapped(int stream, byte[] data, DmaApi.Direction direction) {
        String refusal = enter(stream);
        if (refusal != null) {
            return refused(stream, 0, refusal);
        }
        try {
            return inFreshMemory(stream, data, direction);
        } finally {
            leave();
        }
    }

    private Transfer inFreshMemory(int stream, byte[] data, DmaApi.Direction direction) {
        PageAllocator pages = device.machine().pages();
        long physical = pages.allocate(data.length, 64, ADDRESS_BITS);
        if (physical == PageAllocator.NONE) {
            return refused(stream, 0, "no memory for " + data.length + " bytes");
        }
        try {
            PhysicalMemory memory = device.machine().memory();
            if (direction == DmaApi.Direction.TO_DEVICE) {
                memory.write(physical, data, 0, data.length);
            }
            long bus = device.dma().map(physical, data.length, direction, DmaAttributes.NONE);
            if (bus == DmaApi.MAPPING_ERROR) {
                return refused(stream, 0, "no bus address for " + data.length + " bytes");
            }
            byte[] arrived = new byte[data.length];
            DmaResult result;
            try {
                result = direction == DmaApi.Direction.TO_DEVICE ? master.read(stream, bus, arrived)
                        : master.write(stream, bus, data);
            } finally {
                device.dma().unmap(bus, data.length, direction, DmaAttributes.NONE);
            }
            trace(direction == DmaApi.Direction.TO_DEVICE ? "read" : "write", stream, bus, physical, result);
            if (direction == DmaApi.Direction.FROM_DEVICE) {
                memory.read(physical, arrived, 0, arrived.length);
            }
            return new Transfer(device.path(), stream, bus, physical, result,
                    Arrays.copyOf(arrived, result.transferredBytes()), result.ok() && Arrays.equals(arrived, data));
        } finally {
            pages.free(physical, data.length);
        }
    }

    /** The transfer in the log, and the mapping that was made for it and is gone again; for traces. */
    private void trace(String what, int stream, long bus, long physical, DmaResult result) {
        device.log(Device.LogLevel.DEBUG, "dma " + what + " on stream " + stream + " at 0x" + Long.toHexString(bus)
                + (physical < 0 ? "" : ", mapped to 0x" + Long.toHexString(physical) + " and unmapped") + ": " + result.kind() + ", "
                + result.transferredBytes() + " bytes" + (result.ok() || result.detail().isEmpty() ? "" : ", " + result.detail()));
    }

    /** Begins a transfer; null when it may run, else why not. */
    private String enter(int stream) {
        if (master == null) {
            return "the machine gave " + device.path() + " no bus-master side";
        }
        if (stream < 0 || stream >= master.streams()) {
            return device.path() + " has streams 0 to " + (master.streams() - 1) + ", not " + stream;
        }
        if (running.getAndUpdate(count -> count < 0 ? count : count + 1) < 0) {
            return device.path() + " lost its driver";
        }
        return null;
    }

    private void leave() {
        if (running.decrementAndGet() == CLOSED) {
            drained.countDown();
        }
    }

    private Transfer refused(int stream, long busAddress, String text) {
        return new Transfer(device.path(), stream, busAddress, -1,
                new DmaResult(DmaResult.Kind.EXTERNAL_ABORT, 0, busAddress, text), new byte[0], false);
    }

    @Override
    public void close() {
        withdraw.run();
        int before = running.getAndAccumulate(CLOSED, (count, closed) -> count < 0 ? count : count + closed);
        if (before > 0) {
            awaitDrained();
        }
        if (before >= 0) {
            device.dma().freeCoherent(buffer);
        }
    }

    private void awaitDrained() {
        try {
            if (!drained.await(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
                device.log(Device.LogLevel.ERROR, "a transfer did not end within " + CLOSE_SECONDS_MAX + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
