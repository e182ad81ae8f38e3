package org.latebind.hardware.xen;

import java.util.List;
import java.util.Objects;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The other domains of a machine, to be played from a console or a test: each maps granted pages of the guest into an
 * address space of its own and works there. Thread safe.
 */
@ProviderType
public interface BackendDomains {

    /** Domain ids that exist, ascending; without the guest's own. */
    List<Integer> domids();

    /** Mappings a domain holds, by handle; empty for an unknown domain. */
    List<Mapping> mappings(int domid);

    /**
     * Maps one granted page (GNTTABOP_map_grant_ref).
     *
     * @param domid    who maps
     * @param ref      grant reference of the guest, unsigned
     * @param readOnly whether to ask for reading only
     */
    Answer map(int domid, int ref, boolean readOnly);

    /** Gives one mapping back (GNTTABOP_unmap_grant_ref). */
    Answer unmap(int domid, int handle);

    /**
     * Reads through a mapping, as the domain's own CPU would.
     *
     * @param offset 0 to 4095; the range must stay in the page
     */
    Answer read(int domid, int handle, int offset, int lengthBytes);

    /** Writes through a mapping; a read-only one answers with a permission fault and changes nothing. */
    Answer write(int domid, int handle, int offset, byte[] data);

    /**
     * One mapping of a domain.
     *
     * @param handle      number in the domain's own handle table
     * @param ref         grant reference
     * @param hostAddress where the page appears in the domain
     * @param readOnly    whether writes fault
     */
    record Mapping(int handle, int ref, long hostAddress, boolean readOnly) {
    }

    /**
     * What became of a request.
     *
     * @param status 0, or a negative grant-table status ({@code GNTST_*})
     * @param handle handle made by a map, else -1
     * @param data   bytes read, empty otherwise; not null
     * @param text   a few words for people, for example {@code "bad_gntref"}; not null
     */
    record Answer(int status, int handle, byte[] data, String text) {

        /** Checks the arguments. */
        public Answer {
            Objects.requireNonNull(data, "data");
            Objects.requireNonNull(text, "text");
        }

        /** Tells whether the request was served. */
        public boolean ok() {
            return status == 0;
        }
    }
}
