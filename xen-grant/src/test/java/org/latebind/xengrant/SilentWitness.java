package org.latebind.xengrant;

import org.latebind.machine.xen.GrantStatus;
import org.latebind.machine.xen.HostileBackend;
import org.latebind.machine.xen.MapRequest;

/** Judges nothing. */
final class SilentWitness implements HostileBackend.Witness {

    @Override
    public void begins(int domid) {
        // Not judged.
    }

    @Override
    public void mapped(int domid, MapRequest request, MapRequest.Result result) {
        // Not judged.
    }

    @Override
    public void unmapBegins(int domid, int handle) {
        // Not judged.
    }

    @Override
    public void unmapped(int domid, int handle, boolean effective, GrantStatus status) {
        // Not judged.
    }

    @Override
    public void accessed(int domid, long address, boolean write, String fault) {
        // Not judged.
    }

    @Override
    public void copied(int domid, int sourceRef, int destinationRef, GrantStatus status) {
        // Not judged.
    }
}
