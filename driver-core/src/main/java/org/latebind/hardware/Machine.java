package org.latebind.hardware;

import java.util.List;
import java.util.Optional;
import org.latebind.hardware.xen.Hypervisor;
import org.osgi.annotation.versioning.ProviderType;

/** The hardware one board runs on. Provided as a service by the machine bundle or by the QEMU backend. */
@ProviderType
public interface Machine {

    /** Name of the backend, {@code sim} or {@code qemu}. */
    String backend();

    /** The physical memory all parties share. */
    PhysicalMemory memory();

    /** Hands out memory for tables, queues and DMA buffers. */
    PageAllocator pages();

    /**
     * Maps a register window.
     *
     * @param address   physical address, unsigned
     * @param sizeBytes size in bytes, positive
     * @return the window, never null; accesses to nothing end in {@link ExternalAbortException}
     */
    Mmio map(long address, long sizeBytes);

    /** The interrupt controller. */
    Interrupts interrupts();

    /** The bus master of a device, if the machine gave it one. */
    Optional<DmaMaster> master(String devicePath);

    /** Time and delays as hardware counts them. */
    Delay delay();

    /** The hypervisor this machine runs under; empty on bare metal. */
    default Optional<Hypervisor> hypervisor() {
        return Optional.empty();
    }

    /** What the hardware models complained about so far, oldest first: protocol violations, stale translations, aborts. */
    List<Finding> findings();

    /** Waiting in hardware time: polling loops of drivers call it between reads. */
    interface Delay {

        /** Lets {@code micros} microseconds of hardware time pass (0 or more). Simulated hardware advances its clock. */
        void micros(long micros);

        /** Returns hardware time in nanoseconds from an arbitrary start. */
        long nanos();
    }
}
