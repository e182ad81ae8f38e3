#!/bin/sh
# fetch.sh FOLDER GENERATION...: downloads the arm64 kernels of kernels.json and busybox-static from Debian and unpacks them there.
# Uses an apt root of its own below FOLDER; the host's package state stays as it is. MIRROR and SECURITY name other mirrors.
set -eu
[ $# -ge 2 ] || { echo "usage: fetch.sh FOLDER GENERATION... (see kernels.json)" >&2; exit 2; }
HERE=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"; D=$(cd "$1" && pwd); shift
A=$D/apt
repositories=$(apt-get indextargets --format '$(REPO_URI)' | sort -u)      # the mirror this host uses, unless told otherwise
MIRROR=${MIRROR:-$(echo "$repositories" | grep -m 1 '/debian/*$')}
SECURITY=${SECURITY:-$(echo "$repositories" | grep -m 1 '/debian-security/*$')}
KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$A/lists/partial" "$A/cache/archives/partial" "$A/etc/apt.conf.d" "$A/etc/preferences.d" "$A/etc/sources.list.d"
: > "$A/status"
{
    for suite in bookworm bullseye trixie-backports; do echo "deb [arch=arm64 signed-by=$KEYS] $MIRROR $suite main"; done
    for suite in bookworm-security bullseye-security; do echo "deb [arch=arm64 signed-by=$KEYS] $SECURITY $suite main"; done
} > "$A/etc/sources.list"
cat > "$A/apt.conf" <<CONF
APT::Architecture "arm64"; APT::Architectures { "arm64"; };
Dir::State "$A"; Dir::State::lists "$A/lists"; Dir::State::status "$A/status"; Dir::Cache "$A/cache";
Dir::Etc::sourcelist "$A/etc/sources.list"; Dir::Etc::sourceparts "$A/etc/sources.list.d";
Dir::Etc::preferencesparts "$A/etc/preferences.d"; APT::Sandbox::User "root"; Acquire::Languages "none";
CONF
export APT_CONFIG="$A/apt.conf"
apt-get -q update
mkdir -p "$D/debs"; cd "$D/debs"
[ -d "$D/busybox" ] || { apt-get -q download busybox-static/bookworm; dpkg-deb -x busybox-static_*.deb "$D/busybox"; }
for generation in "$@"; do
    [ -d "$D/img/$generation" ] && continue
    for package in $(python3 -c 'import json, sys; print(*json.load(open(sys.argv[1]))[sys.argv[2]]["packages"])' "$HERE/kernels.json" "$generation"); do
        apt-get -q download "$package"
        mkdir -p "$D/img/$generation"
        dpkg-deb -x "$package"_*.deb "$D/img/$generation"
    done
done
