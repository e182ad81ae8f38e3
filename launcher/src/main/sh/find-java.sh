# Sets java (the program) and java_home: the first JDK of version 17 or newer among LATEBIND_JAVA_HOME, JAVA_HOME, PATH, /usr/lib/jvm.
java_major() {
    "$1" -version 2>&1 | sed -n 's/.* version "\([0-9][0-9]*\)\(\.\([0-9]*\)\)*.*/\1/p' | head -n 1
}

java=""
path_java=$(command -v java || true)
[ -z "$path_java" ] || path_java=$(readlink -f "$path_java" 2>/dev/null || echo "$path_java")
for candidate in "${LATEBIND_JAVA_HOME:+$LATEBIND_JAVA_HOME/bin/java}" "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$path_java" /usr/lib/jvm/*/bin/java; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    # A release file answers without starting a JVM.
    release="${candidate%/bin/java}/release"
    if [ -f "$release" ]; then
        major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$release")
    else
        major=$(java_major "$candidate")
    fi
    if [ -n "$major" ] && [ "$major" -ge 17 ] 2>/dev/null; then
        java="$candidate"
        java_home="${candidate%/bin/java}"
        java_major_version="$major"
        break
    fi
done
[ -n "$java" ] || { echo "latebind: no Java 17 or newer found (set JAVA_HOME)" >&2; exit 2; }
