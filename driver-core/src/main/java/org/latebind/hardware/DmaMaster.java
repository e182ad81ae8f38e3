package org.latebind.hardware;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A device's bus-master side: it can be told to read or write memory at a bus address, through whatever stands
 * between it and memory. Simulated masters and QEMU's {@code edu} devices answer the same commands.
 */
@ProviderType
public interface DmaMaster {

    /** Path of the device in the tree; not null. */
    String devicePath();

    /** Number of streams (micro-TLBs, stream ids) the device can emit on; at least 1. */
    int streams();

    /**
     * Reads memory.
     *
     * @param stream     index of the stream, 0 to {@link #streams()} - 1
     * @param busAddress address the device puts on the bus, unsigned
     * @param into       receives the bytes; its length is the transfer's length
     * @return what happened; {@code into} holds valid bytes only up to {@link DmaResult#transferredBytes()}
     */
    DmaResult read(int stream, long busAddress, byte[] into);

    /** Writes memory; parameters as in {@link #read}. */
    DmaResult write(int stream, long busAddress, byte[] from);
}
