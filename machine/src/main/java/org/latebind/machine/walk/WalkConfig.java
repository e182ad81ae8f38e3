package org.latebind.machine.walk;

/** How the tables of a context are to be read; one record per descriptor format. */
public sealed interface WalkConfig permits LongWalk, ShortWalk {
}
