package org.latebind.hardware.xen;

import java.util.List;
import java.util.Objects;
import org.osgi.annotation.versioning.ConsumerType;

/** What a grant-DMA driver tells of its work. Published as a service by the driver's bundle; thread safe. */
@ConsumerType
public interface GrantInspection {

    /** A consistent copy of the present state. */
    Snapshot snapshot();

    /** Tries to end every grant that a backend still used when its owner let go; returns how many references came back. */
    int reclaim();

    /**
     * State of the driver.
     *
     * @param units     paths of the bound grant nodes
     * @param version   version of the table, 0 when no node is bound
     * @param frames    frames of the table
     * @param entries   entries of the table, the reserved ones included
     * @param free      references that can be handed out without growing
     * @param devices   the clients, by path
     * @param grants    every reference in use, ascending
     * @param leftovers references that a backend still used when their owner let go
     */
    record Snapshot(List<String> units, int version, int frames, int entries, int free, List<Client> devices,
            List<Grant> grants, List<GrantLedger.Leftover> leftovers) {

        /** Copies the lists. */
        public Snapshot {
            units = List.copyOf(units);
            devices = List.copyOf(devices);
            grants = List.copyOf(grants);
            leftovers = List.copyOf(leftovers);
        }
    }

    /**
     * One client.
     *
     * @param path       path of the device; not null
     * @param unit       path of the grant node it stands behind; not null
     * @param backend    domain id of its backend
     * @param references grant references it holds
     * @param broken     why it can map no more, or null
     */
    record Client(String path, String unit, int backend, int references, String broken) {

        /** Checks the arguments. */
        public Client {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(unit, "unit");
        }
    }

    /**
     * One grant.
     *
     * @param ref      grant reference
     * @param device   path of the device it was made for; not null
     * @param backend  domain id in the entry
     * @param frame    guest frame in the entry
     * @param readOnly whether the backend may only read
     * @param reading  whether a backend has it mapped
     * @param writing  whether a backend has it mapped for writing
     */
    record Grant(int ref, String device, int backend, long frame, boolean readOnly, boolean reading, boolean writing) {

        /** Checks the arguments. */
        public Grant {
            Objects.requireNonNull(device, "device");
        }
    }
}
