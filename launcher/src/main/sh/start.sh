# Starts the command line from $dist with $java. A class-data archive made on the first run makes every later start faster.
options="-Xshare:auto -XX:+UseSerialGC -XX:TieredStopAtLevel=${LATEBIND_TIER:-1} -Xss4m"
case "${1:-}" in
    explore|verify|replay) options="-Xshare:auto -XX:+UseParallelGC -Xss4m" ;;
esac
archive="$dist/lib/latebind-$java_major_version.jsa"
if [ "$java_major_version" -ge 19 ]; then
    options="$options -XX:+AutoCreateSharedArchive -XX:SharedArchiveFile=$archive"
elif [ -f "$archive" ] && [ ! "$dist/lib/launcher.jar" -nt "$archive" ]; then
    options="$options -XX:SharedArchiveFile=$archive"
elif [ -w "$dist/lib" ] && [ "${1:-}" = run ]; then
    options="$options -XX:ArchiveClassesAtExit=$archive"
fi
[ "$java_major_version" -lt 24 ] || options="$options --sun-misc-unsafe-memory-access=allow"
# Commands that come through a pipe need no terminal and no warning that there is none.
options="$options -Dorg.jline.terminal.dumb=true"
export LATEBIND_HOME="$dist"
# Warnings of the JVM about the archive are not for the reader of our output.
exec "$java" $options -Xlog:disable -Xlog:all=off ${LATEBIND_JAVA_OPTIONS:-} -cp "$dist/lib/*" org.latebind.launcher.Main "$@"
