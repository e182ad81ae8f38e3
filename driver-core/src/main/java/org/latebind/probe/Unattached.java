package org.latebind.probe;

/** What a live IOMMU does with the traffic of a stream nobody attached. */
public enum Unattached {
    /** It passes untranslated. */ BYPASS,
    /** It is aborted. */ ABORT
}
