package org.latebind.passthrough.core;

import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import org.latebind.hardware.Machine;
import org.latebind.hardware.PageAllocator;
import org.latebind.passthrough.XenDomain;
import org.latebind.pagetable.P2mType;
import org.latebind.pagetable.XenP2m;

/** A domain: its table, its memory, its devices. */
final class GuestDomain implements XenDomain {

    static final long RAM_BASE = 0x4000_0000L;
    static final int PAGE_SHIFT = 12;
    private static final long PAGE_BYTES = 1L << PAGE_SHIFT;
    private static final long PIECE_BYTES = 1L << 21;

    private final int id;
    private final XenP2m p2m;
    private final Machine machine;
    private final List<Piece> memory = new ArrayList<>();
    private final List<DtDevice> devices = new LinkedList<>();
    private long memoryBytes;
    private boolean dying;

    /** A piece of host memory that belongs to the domain. */
    private record Piece(long address, long sizeBytes) {
    }

    GuestDomain(int id, XenP2m p2m, Machine machine) {
        this.id = id;
        this.p2m = p2m;
        this.machine = machine;
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public long p2mRoot() {
        return p2m.root();
    }

    @Override
    public int ipaBits() {
        return p2m.ipaBits();
    }

    XenP2m p2m() {
        return p2m;
    }

    long memoryBytes() {
        return memoryBytes;
    }

    /** Devices, last assigned first. */
    List<DtDevice> devices() {
        return devices;
    }

    boolean dying() {
        return dying;
    }

    void markDying() {
        dying = true;
    }

    /** Gives the domain memory of its own at guest address 0x40000000; false when there is none, nothing is kept then. */
    boolean populate(long sizeBytes) {
        memoryBytes = sizeBytes;
        long done = 0;
        while (done < sizeBytes) {
            long piece = Math.min(sizeBytes - done, PIECE_BYTES);
            long address = machine.pages().allocate(piece, piece == PIECE_BYTES ? PIECE_BYTES : PAGE_BYTES, ipaBits());
            if (address == PageAllocator.NONE) {
                releaseMemory();
                return false;
            }
            memory.add(new Piece(address, piece));
            long gfn = RAM_BASE + done >>> PAGE_SHIFT;
            if (p2m.map(gfn, address >>> PAGE_SHIFT, piece >>> PAGE_SHIFT, P2mType.RAM_RW) != 0) {
                releaseMemory();
                return false;
            }
            done += piece;
        }
        return true;
    }

    /** The hardware domain sees host memory under its own addresses; it does not own it. */
    boolean mapDirect(long address, long sizeBytes) {
        memoryBytes += sizeBytes;
        return p2m.map(address >>> PAGE_SHIFT, address >>> PAGE_SHIFT, sizeBytes >>> PAGE_SHIFT, P2mType.RAM_RW) == 0;
    }

    /** Gives the pages back; the table still names them until the mappings are dropped. */
    void releaseMemory() {
        for (Piece piece : memory) {
            machine.pages().free(piece.address, piece.sizeBytes);
        }
        memory.clear();
    }

    /** Empties the table. */
    void dropMappings() {
        p2m.unmap(0, 1L << p2m.ipaBits() - PAGE_SHIFT);
    }
}
