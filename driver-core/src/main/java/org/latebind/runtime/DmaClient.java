package org.latebind.runtime;

import java.util.Objects;
import org.latebind.dma.CoherentBuffer;
import org.latebind.hardware.DmaResult;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bound client driver that transfers on request: a service with {@link Published#DEVICE_PATH}, one for each device the generic
 * client driver holds. Gone when the device loses its driver; a transfer asked for after that answers
 * {@link DmaResult.Kind#EXTERNAL_ABORT} with the reason.
 *
 * <p>Thread safe. Transfers run on the caller's thread.
 */
@ProviderType
public interface DmaClient {

    /** Path of the device. */
    String devicePath();

    /** Number of streams the device can emit on; 0 when the machine gave it no bus-master side. */
    int streams();

    /** The buffer the driver allocated when it bound the device. */
    CoherentBuffer buffer();

    /**
     * The device writes bytes into memory that is mapped for it and unmapped again.
     *
     * @param stream 0 to {@link #streams()} - 1
     * @param data   not null, not empty
     */
    Transfer write(int stream, byte[] data);

    /** The device reads memory that holds {@code data}, is mapped for it and unmapped again. Parameters as in {@link #write}. */
    Transfer read(int stream, byte[] data);

    /** The device writes to a bus address that nobody mapped for it on purpose. */
    Transfer writeAt(int stream, long busAddress, byte[] data);

    /** The device reads from a bus address that nobody mapped for it on purpose. */
    Transfer readAt(int stream, long busAddress, int length);

    /**
     * What became of a transfer.
     *
     * @param device          path of the device
     * @param stream          the stream
     * @param busAddress      where the device went
     * @param physicalAddress memory behind a mapping made for the transfer; -1 for a bare bus address
     * @param result          what the hardware answered, with the fault address; not null
     * @param data            bytes that arrived at the other side, up to the end of the transfer; not null
     * @param intact          whether the right bytes arrived at the right place; for a bare bus address: whether all moved
     */
    record Transfer(String device, int stream, long busAddress, long physicalAddress, DmaResult result, byte[] data,
            boolean intact) {

        /** Checks the arguments. */
        public Transfer {
            Objects.requireNonNull(device, "device");
            Objects.requireNonNull(result, "result");
            Objects.requireNonNull(data, "data");
        }
    }
}
