package org.latebind.internal;

import java.util.List;
import java.util.Optional;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Interrupts;
import org.latebind.hardware.Machine;
import org.latebind.hardware.Mmio;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;

/** A machine of nothing but an allocator, for drivers that touch no hardware. */
final class BareMachine implements Machine {

    private long next = 0x1000;
    private long allocated;

    @Override
    public String backend() {
        return "bare";
    }

    @Override
    public PhysicalMemory memory() {
        throw new UnsupportedOperationException("no memory");
    }

    @Override
    public PageAllocator pages() {
        return new PageAllocator() {
            @Override
            public long allocate(long sizeBytes, long alignmentBytes, int addressBits) {
                long at = (next + alignmentBytes - 1) & -alignmentBytes;
                next = at + sizeBytes;
                allocated += sizeBytes;
                return at;
            }

            @Override
            public void free(long address, long sizeBytes) {
                allocated -= sizeBytes;
            }

            @Override
            public long allocatedBytes() {
                return allocated;
            }
        };
    }

    @Override
    public Mmio map(long address, long sizeBytes) {
        throw new UnsupportedOperationException("no registers");
    }

    @Override
    public Interrupts interrupts() {
        return new Interrupts() {
            @Override
            public int line(int[] specifier) {
                return 0;
            }

            @Override
            public Request request(int line, String owner, Handler handler) {
                return () -> { };
            }
        };
    }

    @Override
    public Optional<DmaMaster> master(String devicePath) {
        return Optional.empty();
    }

    @Override
    public Delay delay() {
        throw new UnsupportedOperationException("no time");
    }

    @Override
    public List<Finding> findings() {
        return List.of();
    }
}
