package org.latebind.pci;

import java.util.List;
import java.util.Set;

/**
 * One PCI function.
 *
 * @param host path of the host bridge's node
 * @param requesterId bus (bits 15:8), device (7:3), function (2:0)
 * @param vendor vendor id
 * @param device device id
 * @param classCode class code, 24 bits
 * @param kind what it is
 * @param secondaryBus number of the bus behind a bridge; -1 for a function that is none
 * @param acsCapable access control services it has; empty: no such capability
 * @param acsEnabled services that are switched on
 * @param quirks deviations from the rules
 * @param aliases further device/function numbers on its bus (bits 7:0) from which its DMA may come
 * @param dmaFunction requester id of the function on the same host that does its DMA; -1: itself
 */
public record PciFunction(String host, int requesterId, int vendor, int device, int classCode, PciKind kind, int secondaryBus,
        Set<AccessControl> acsCapable, Set<AccessControl> acsEnabled, Set<Quirk> quirks, List<Integer> aliases, int dmaFunction) {

    /** The access control services that isolation needs. */
    public enum AccessControl {
        /** Source validation. */ SV,
        /** Peer-to-peer request redirect. */ RR,
        /** Peer-to-peer completion redirect. */ CR,
        /** Upstream forwarding. */ UF
    }

    /** Deviations that the kernel knows from tables. */
    public enum Quirk {
        /** A conventional bridge that takes ownership of its bus's requests as secondary bus, function 0. */ SECONDARY_ALIAS,
        /** Aliases end below this bridge: translation happens here. */ TRANSLATION_ROOT,
        /** Isolated although it has no access control capability. */ ISOLATED,
        /** Not isolated, whatever its capability says. */ NOT_ISOLATED
    }

    /** Copies the collections. */
    public PciFunction {
        acsCapable = Set.copyOf(acsCapable);
        acsEnabled = Set.copyOf(acsEnabled);
        quirks = Set.copyOf(quirks);
        aliases = List.copyOf(aliases);
    }

    /** Returns the bus number. */
    public int bus() {
        return requesterId >> 8;
    }

    /** Returns device and function, bits 7:0 of the requester id. */
    public int devfn() {
        return requesterId & 0xff;
    }

    /** Returns the device number. */
    public int slot() {
        return requesterId >> 3 & 0x1f;
    }

    /** Returns the name, for example {@code 01:00.0}. */
    public String name() {
        return String.format("%02x:%02x.%d", bus(), slot(), requesterId & 7);
    }
}
