#!/bin/sh
# Builds the benchmarks and runs one: "benchmarks/run.sh jmh NAME [JMH's options]" or "benchmarks/run.sh CLASS [ARGUMENTS]".
set -e
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then
    echo "usage: benchmarks/run.sh jmh NAME [OPTIONS] | CLASS [ARGUMENTS]" >&2
    exit 2
fi
mvn -q -B -ntp -pl benchmarks -DskipTests -Dcheckstyle.skip compile dependency:build-classpath \
    -Dmdep.outputFile="$PWD/benchmarks/target/classpath.txt"
class=$1
shift
[ "$class" = jmh ] && class=org.openjdk.jmh.Main || class=org.latebind.benchmarks.$class
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp "benchmarks/target/classes:$(cat benchmarks/target/classpath.txt)" "$class" "$@"
