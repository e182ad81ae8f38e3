package org.latebind.dmaclient;

import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.latebind.dma.CoherentBuffer;
import org.latebind.dma.DmaAttributes;
import org.latebind.driver.Device;
import org.latebind.driver.Driver;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.Published;

/** Drives a DMA master: one coherent buffer, and transfers on request. */
final class ClientDriver implements Driver {

    private static final long BUFFER_BYTES = 4096;

    private final BiFunction<DmaClient, Map<String, Object>, Runnable> publisher;

    /**
     * Makes a driver.
     *
     * @param publisher publishes a client under properties and answers what takes it back; not null
     */
    ClientDriver(BiFunction<DmaClient, Map<String, Object>, Runnable> publisher) {
        this.publisher = Objects.requireNonNull(publisher, "publisher");
    }

    @Override
    public ProbeResult probe(Device device) {
        if (device.dma() == null) {
            return ProbeResult.failed(Errno.EIO, "the core gave the device no DMA API");
        }
        CoherentBuffer buffer = device.dma().allocateCoherent(BUFFER_BYTES, DmaAttributes.NONE);
        if (buffer == null) {
            return ProbeResult.failed(Errno.ENOMEM, "no coherent buffer of " + BUFFER_BYTES + " bytes");
        }
        BoundClient client = new BoundClient(device, buffer);
        client.published(publisher.apply(client, Map.of(Published.DEVICE_PATH, device.path())));
        return ProbeResult.bound(client);
    }
}
