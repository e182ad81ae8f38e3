#!/bin/sh
# Builds and prints all rows of page tables, DMA API and address allocator, with the ratio to Linux' C library.
# About five minutes; "benchmarks/pagetables.sh quick" shows in half a minute that it runs (figures then mean nothing).
set -e
cd "$(dirname "$0")/.."
mvn -o -q -pl benchmarks -am -DskipTests -Dcheckstyle.skip compile dependency:build-classpath \
    -Dmdep.outputFile="$PWD/benchmarks/target/classpath.txt"
exec java -cp "benchmarks/target/classes:$(cat benchmarks/target/classpath.txt)" org.latebind.benchmarks.PageTableRows "$@"
