package org.latebind.benchmarks;

/**
 * The load-order question for K client modules behind one modular IOMMU, as a person would write it for SPIN.
 *
 * <p>What it models, and what the board of {@link SpinComparison} is: every module is a process that may load at any time, once. A
 * client that loads binds translated when the IOMMU is up, directly when the deferred-probe timer has fired, and is deferred
 * otherwise. The IOMMU's load binds the deferred clients translated and cuts those off that run directly. The boot process
 * passes late-init, then the timer may fire at any time, once: what is deferred binds directly. The order of the deferred list
 * is left out, which is right here because clients do not wait for each other. A final state is one in which every module is
 * loaded and the timer has fired; each prints the fate of all clients.
 */
final class PromelaModel {

    private static final String TEXT = """
            /* @K@ client modules behind one modular IOMMU, one timer. */
            #define K @K@
            #define NONE 0
            #define PENDING 1
            #define DIRECT 2
            #define TRANSLATED 3
            #define BLOCKED 4

            byte fate[K];
            byte loaded;
            bool iommu, expired;

            proctype client(byte me) {
                atomic {
                    if
                    :: iommu -> fate[me] = TRANSLATED
                    :: !iommu && expired -> fate[me] = DIRECT
                    :: else -> fate[me] = PENDING
                    fi;
                    loaded++
                }
            }

            proctype unit() {
                byte i;
                atomic {
                    iommu = true;
                    for (i : 0 .. K - 1) {
                        if
                        :: fate[i] == PENDING -> fate[i] = TRANSLATED
                        :: fate[i] == DIRECT -> fate[i] = BLOCKED
                        :: else -> skip
                        fi
                    }
                    i = 0;
                    loaded++
                }
            }

            proctype boot() {
                byte i;
                skip; /* late-init: whoever waits is retried and waits on, because the timer runs from now on */
                atomic {
                    expired = true;
                    for (i : 0 .. K - 1) {
                        if
                        :: fate[i] == PENDING -> fate[i] = DIRECT
                        :: else -> skip
                        fi
                    }
                    i = 0
                }
            }

            init {
                byte i;
                atomic {
                    run boot();
                    run unit();
                    for (i : 0 .. K - 1) { run client(i) }
                    i = 0
                }
                atomic {
                    (loaded == K + 1 && expired) ->
                    c_code {
                        int c;
                        printf("FINAL ");
                        for (c = 0; c < @K@; c++) { printf("%d", now.fate[c]); }
                        printf("\\n");
                    }
                }
            }
            """;

    private PromelaModel() {
    }

    /** Its Promela source. */
    static String of(int clients) {
        return TEXT.replace("@K@", Integer.toString(clients));
    }
}
