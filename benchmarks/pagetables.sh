#!/bin/sh
# Prints all rows of page tables, DMA API and address allocator, with the ratio to Linux' C library. About five minutes;
# "benchmarks/pagetables.sh quick" shows in half a minute that it runs (figures then mean nothing).
exec "$(dirname "$0")/run.sh" PageTableRows "$@"
