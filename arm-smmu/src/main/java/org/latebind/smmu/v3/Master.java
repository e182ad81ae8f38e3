package org.latebind.smmu.v3;

import java.util.List;

/** A client of one SMMU: its streams, its context descriptor, and what it is attached to. */
final class Master {

    static final long NO_CONTEXT = 0;

    private final String name;
    private final List<Integer> streams;
    private final boolean stalls;
    private long context = NO_CONTEXT;
    private StreamDomain domain;

    Master(String name, List<Integer> streams, boolean stalls) {
        this.stalls = stalls;
        this.name = name;
        this.streams = List.copyOf(streams);
    }

    String name() {
        return name;
    }

    /** Stream ids, each once. */
    List<Integer> streams() {
        return streams;
    }

    /** Its faulting transactions wait for an answer. */
    boolean stalls() {
        return stalls;
    }

    /** Address of its context descriptor, or {@link #NO_CONTEXT}. */
    long context() {
        return context;
    }

    void context(long address) {
        context = address;
    }

    /** What it is attached to; null when nothing. */
    StreamDomain domain() {
        return domain;
    }

    void domain(StreamDomain value) {
        domain = value;
    }
}
