package org.latebind.xengrant;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.latebind.hardware.Finding;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.machine.memory.MemoryAllocator;
import org.latebind.machine.memory.MemoryRange;
import org.latebind.machine.memory.SparseMemory;
import org.latebind.machine.xen.DomainSpec;
import org.latebind.machine.xen.MapRequest;
import org.latebind.machine.xen.XenHypervisor;
import org.latebind.machine.xen.XenPlatform;

/** A Xen host for tests: guest 1 with 64 MiB at 1 GiB and the window of the toolstack, backends 2 and 3, domain 0. */
final class XenBench {

    static final int FRONTEND = 1;
    static final long WINDOW = 0x3800_0000L;
    static final long WINDOW_BYTES = 0x100_0000L;
    static final MemoryRange RAM = new MemoryRange(0x4000_0000L, 64L << 20);
    /** Page P of the scenarios. */
    static final long P = 0x4010_0000L;
    /** Where backends map things. */
    static final long THERE = 0x1_0000_0000L;

    final PhysicalMemory memory;
    final MemoryAllocator pages;
    final XenHypervisor xen;
    final XenPlatform platform;
    final List<Finding> findings = new ArrayList<>();

    XenBench() {
        this(DomainSpec.DEFAULT_GRANT_FRAMES);
    }

    XenBench(int maxFrames) {
        this(sparse(), new ReentrantLock(), DomainSpec.guest(FRONTEND, List.of(RAM), WINDOW)
                .withMaxGrantFrames(maxFrames), false);
    }

    XenBench(PhysicalMemory memory, Lock lock, DomainSpec guest, boolean versionTwo) {
        this.memory = memory;
        // Page P stays out of the allocator, so that scenarios can use it by its address.
        pages = new MemoryAllocator(memory, List.of(new MemoryRange(0x4100_0000L, 32L << 20)));
        xen = new XenHypervisor(memory, lock, versionTwo, findings::add);
        xen.create(guest);
        xen.create(DomainSpec.backend(0));
        xen.create(DomainSpec.backend(2));
        xen.create(DomainSpec.backend(3));
        platform = new XenPlatform(xen, FRONTEND);
    }

    static SparseMemory sparse() {
        return new SparseMemory(List.of(new MemoryRange(WINDOW, WINDOW_BYTES), RAM));
    }

    GuestGrantTable table() {
        return open(List.of());
    }

    GuestGrantTable open(List<org.latebind.hardware.xen.GrantLedger.Leftover> kept) {
        GuestGrantTable.Opened opened = GuestGrantTable.open(platform, memory, WINDOW, WINDOW_BYTES, kept);
        if (opened.error() != null) {
            throw new IllegalStateException(opened.error());
        }
        return opened.table();
    }

    /** The backend asks Xen to map one page at {@link #THERE} plus {@code slot} pages. */
    MapRequest.Result map(int backend, int ref, boolean readOnly, int slot) {
        return xen.map(backend, MapRequest.host(FRONTEND, ref, THERE + slot * 4096L, readOnly));
    }

    byte[] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        memory.read(address, bytes, 0, length);
        return bytes;
    }

    int flags(int ref) {
        return memory.read16(WINDOW + ref * 8L);
    }
}
