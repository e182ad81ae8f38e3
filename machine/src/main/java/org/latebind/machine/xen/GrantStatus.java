package org.latebind.machine.xen;

import java.util.Locale;

/** Status of one grant-table operation ({@code GNTST_*}, Xen public header {@code grant_table.h}). */
public enum GrantStatus {
    /** Done. */ OKAY(0),
    /** Anything without a code of its own. */ GENERAL_ERROR(-1),
    /** No such domain. */ BAD_DOMAIN(-2),
    /** Reference outside the table, or no kind of mapping asked for. */ BAD_GNTREF(-3),
    /** Handle not in use. */ BAD_HANDLE(-4),
    /** Inappropriate virtual address. */ BAD_VIRT_ADDR(-5),
    /** Device address is not the one of the mapping. */ BAD_DEV_ADDR(-6),
    /** Out of device address space. */ NO_DEVICE_SPACE(-7),
    /** Policy refused. */ PERMISSION_DENIED(-8),
    /** The frame is no page that can be granted. */ BAD_PAGE(-9),
    /** A copy passes the end of a page. */ BAD_COPY_ARG(-10),
    /** Frame beyond what the machine can address. */ ADDRESS_TOO_BIG(-11),
    /** Try again: for swap, the entry is pinned. */ EAGAIN(-12),
    /** No handle left. */ NO_SPACE(-13);

    private final int code;

    GrantStatus(int code) {
        this.code = code;
    }

    /** Returns the code, 0 or negative. */
    public int code() {
        return code;
    }

    /** The name as Xen writes it, in lower case, for example {@code bad_gntref}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
