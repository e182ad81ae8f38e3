package org.latebind.machine.xen;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A backend that tries everything: mapping what it was never given, for more than it was given, twice, in place of each other;
 * unmapping with wrong handles and addresses; reading and writing through mappings long gone; copying. What it does and what it
 * got is told to a {@link Witness}, which judges. All chance comes from the given source.
 */
public final class HostileBackend {

    /** Where its slots begin. */
    public static final long FIRST_SLOT = 0x1_0000_0000L;
    private static final int SLOTS = 24;
    private static final int KINDS = 16;

    private final XenHypervisor xen;
    private final int domid;
    private final int frontend;
    private final int refs;
    private final Random random;
    private final Witness witness;
    private final List<int[]> handles = new ArrayList<>();

    /** Sees what a backend does. Called on the backend's thread, in order. */
    public interface Witness {

        /** A map or a copy begins. */
        void begins(int domid);

        /** A map ended. */
        void mapped(int domid, MapRequest request, MapRequest.Result result);

        /** An unmap of a handle begins. */
        void unmapBegins(int domid, int handle);

        /** An unmap ended; {@code effective} tells whether it asked for anything. */
        void unmapped(int domid, int handle, boolean effective, GrantStatus status);

        /** An access to its own address space ended; {@code fault} is null when it went through. */
        void accessed(int domid, long address, boolean write, String fault);

        /** A copy from one grant to another ended. */
        void copied(int domid, int sourceRef, int destinationRef, GrantStatus status);
    }

    /**
     * Makes a backend.
     *
     * @param frontend whose grants it goes for
     * @param refs     it tries references from 0 to this one, and now and then others
     */
    public HostileBackend(XenHypervisor xen, int domid, int frontend, int refs, Random random, Witness witness) {
        this.xen = xen;
        this.domid = domid;
        this.frontend = frontend;
        this.refs = refs;
        this.random = random;
        this.witness = witness;
    }

    /** Does one thing. */
    public void step() {
        int kind = random.nextInt(KINDS);
        if (kind < 5) {
            map();
        } else if (kind < 9) {
            unmap();
        } else if (kind < 14) {
            access();
        } else if (kind == 14) {
            copy();
        } else {
            xen.cacheFlush(domid, random.nextInt(1 << 20));
        }
    }

    private int ref() {
        return random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(refs);
    }

    private long slot() {
        return FIRST_SLOT + 4096L * random.nextInt(SLOTS);
    }

    private void map() {
        int flags = random.nextInt(20) == 0 ? random.nextInt(32)
                : MapRequest.HOST_MAP | (random.nextBoolean() ? MapRequest.READONLY : 0);
        long address = random.nextInt(50) == 0 ? random.nextLong() : slot();
        MapRequest request = new MapRequest(random.nextInt(30) == 0 ? random.nextInt(9) : frontend, ref(), address, flags);
        witness.begins(domid);
        MapRequest.Result result = xen.map(domid, request);
        witness.mapped(domid, request, result);
        if (result.status() == GrantStatus.OKAY) {
            handles.add(new int[] {result.handle(), (int) (address - FIRST_SLOT >>> 12)});
        }
    }

    private void unmap() {
        boolean known = !handles.isEmpty() && random.nextInt(8) > 0;
        int[] pick = known ? handles.get(random.nextInt(handles.size())) : new int[] {random.nextInt(64) - 2, 0};
        long address = random.nextInt(10) == 0 ? 0 : FIRST_SLOT + 4096L * pick[1];
        if (random.nextInt(20) == 0) {
            address = slot();
        }
        long bus = random.nextInt(20) == 0 ? random.nextLong() : 0;
        witness.unmapBegins(domid, pick[0]);
        GrantStatus status = xen.unmap(domid, new UnmapRequest(address, bus, pick[0]));
        boolean effective = address != 0;
        witness.unmapped(domid, pick[0], effective, status);
        if (status == GrantStatus.OKAY && effective) {
            handles.removeIf(h -> h[0] == pick[0]);
            if (random.nextInt(4) == 0) {
                witness.unmapBegins(domid, pick[0]);
                witness.unmapped(domid, pick[0], true, xen.unmap(domid, new UnmapRequest(address, 0, pick[0])));
            }
        }
    }

    private void access() {
        long address = slot() + 8 * random.nextInt(512);
        byte[] data = new byte[8];
        boolean write = random.nextBoolean();
        String fault = write ? xen.write(domid, address, data) : xen.read(domid, address, data);
        witness.accessed(domid, address, write, fault);
    }

    private void copy() {
        int source = ref();
        int destination = ref();
        witness.begins(domid);
        GrantStatus status = xen.copy(domid, new CopyRequest(CopyRequest.Side.grant(frontend, source, 0),
                CopyRequest.Side.grant(frontend, destination, 8), random.nextInt(10) == 0 ? 5000 : 16));
        witness.copied(domid, source, destination, status);
    }
}
