package org.latebind.machine.xen;

/** Negative error numbers of hypercalls that do not answer with a grant status. */
final class XenErrors {

    static final int EPERM = -1;
    static final int EBUSY = -16;
    static final int EINVAL = -22;
    static final int ERANGE = -34;
    static final int ENOSYS = -38;
    static final int EOPNOTSUPP = -95;

    private XenErrors() {
    }
}
