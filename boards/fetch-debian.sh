#!/bin/sh
# Gets the device trees of all boards Debian's arm64 kernel supports (about 1,000) and the module directory of that kernel.
#
#   boards/fetch-debian.sh FOLDER [PACKAGE]
#
# FOLDER   receives  boards/VENDOR/*.dtb   the trees
#                    modules/              modules.alias, modules.dep, modules.softdep, modules.builtin ..., builtin-compatibles.txt
#                    kernel/Image          the kernel image (for --builtins)
#                    VERSION, copyright    what it is and under which licence
# PACKAGE  a linux-image package; default: the newest signed linux-image-*-arm64 of the host's own Debian lines.
#
# Uses the host's own apt lines for Debian with a private apt state inside FOLDER: nothing on the host changes, root is not needed.
# Downloads 60 to 100 MB. A step that is done is not done again: after an interruption, call it again with the same FOLDER.
# The trees are other people's work (GPL and others, see copyright): keep them out of this repository.
set -eu

say() { printf '%s\n' "fetch-debian: $*" >&2; }
die() { say "error: $*"; exit 2; }

[ $# -ge 1 ] && [ $# -le 2 ] && [ -n "$1" ] || { sed -n '4p' "$0" | sed 's/^# */usage: /' >&2; exit 2; }
case $1 in -*) sed -n '4p' "$0" | sed 's/^# */usage: /' >&2; exit 2;; esac
for tool in apt-get apt-cache dpkg-deb; do
    command -v "$tool" > /dev/null || die "$tool is missing: this works on Debian and its relatives"
done
depmod=$(PATH=$PATH:/sbin:/usr/sbin command -v depmod) || die "depmod is missing: install the package kmod"
mkdir -p "$1" 2> /dev/null || die "$1: cannot be made"
target=$(cd "$1" && pwd)
[ -w "$target" ] || die "$target: not writable"
case $target in *[[:space:]]*) die "$target: a path with spaces does not work with apt's configuration";; esac
wanted=${2:-}
apt=$target/.apt
work=$target/.work
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources.list.d" "$apt/preferences.d" "$work"
: > "$apt/status"

# The host's own lines, whatever format they are written in, as apt itself reads them; Debian's archive only.
private_apt() {
    mkdir -p "$apt/none/partial"
    apt-get indextargets --no-release-info -o Dir::State::lists="$apt/none" \
        --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2> "$work/log" | sort -u \
        | while read -r uri release component; do
            case $uri in
                */debian/|*/debian-security/) ;;
                *) continue;;
            esac
            [ "$component" = main ] || continue
            keyring=/usr/share/keyrings/debian-archive-keyring.gpg
            [ -r "$keyring" ] && signed=" signed-by=$keyring" || signed=
            printf 'deb [arch=arm64%s] %s %s %s\n' "$signed" "$uri" "$release" "$component"
        done > "$apt/sources.list"
    [ -s "$apt/sources.list" ] || die "apt has no line for a Debian archive (.../debian/ or .../debian-security/, component main)"
    cat > "$apt/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/sources.list.d";
Dir::Etc::preferencesparts "$apt/preferences.d";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
}

# The highest version by Debian's own order; packages that only depend on an image have no third number in their name.
newest_image() {
    packages=$(APT_CONFIG=$apt/apt.conf apt-cache pkgnames linux-image- \
        | grep -E '^linux-image-[0-9]+\.[0-9]+\.[0-9]+[^[:space:]]*-arm64$' | grep -Ev -e '-(rt|cloud|16k)-arm64$') || :
    [ -n "$packages" ] || die "no package linux-image-VERSION-arm64 in the lists of $apt/sources.list"
    # shellcheck disable=SC2086  # one word for each package
    APT_CONFIG=$apt/apt.conf apt-cache show --no-all-versions $packages \
        | awk '/^Package: / { name = $2 } /^Version: / { print $2, name }' > "$work/versions"
    best= name=
    while read -r version package; do
        if [ -z "$best" ] || dpkg --compare-versions "$version" gt "$best"; then
            best=$version name=$package
        fi
    done < "$work/versions"
    printf '%s\n' "$name"
}

download() {
    private_apt
    say "1/4 package lists of $(cut -d' ' -f3- "$apt/sources.list" | sed 's/signed-by=[^ ]* //' | tr '\n' ';')"
    APT_CONFIG=$apt/apt.conf apt-get -q update > "$work/log" 2>&1 || die "apt-get update failed: $(grep -m1 '^[EW]:' "$work/log" || tail -n1 "$work/log")"
    [ -n "$wanted" ] || wanted=$(newest_image)
    size=$(APT_CONFIG=$apt/apt.conf apt-cache show --no-all-versions "$wanted" 2> "$work/log" | sed -n 's/^Size: //p')
    [ -n "$size" ] || die "no package $wanted in the lists"
    say "1/4 downloading $wanted, $((size / 1000000)) MB"
    rm -f "$work"/linux-image-*.deb
    # apt keeps a partial file in the archives folder and goes on from there.
    (cd "$work" && APT_CONFIG=$apt/apt.conf apt-get -q download "$wanted") > "$work/log" 2>&1 \
        || die "download failed: $(grep -m1 '^[EW]:' "$work/log" || tail -n1 "$work/log")"
    printf '%s\n' "$wanted" > "$work/downloaded"
}

if [ -e "$work/downloaded" ] && [ -n "$wanted" ] && [ "$wanted" != "$(cat "$work/downloaded")" ]; then
    die "$target holds $(cat "$work/downloaded"); another package needs another folder"
fi
[ -e "$target/VERSION" ] && [ -e "$work/done" ] && { say "complete already: $(cat "$target/VERSION")"; exit 0; }

[ -e "$work/downloaded" ] || download
deb=$(ls "$work"/linux-image-*.deb)

if [ ! -e "$work/unpacked" ]; then
    say "2/4 unpacking"
    rm -rf "$work/image"
    dpkg-deb -x "$deb" "$work/image" 2> "$work/log" || die "$deb: $(tail -n1 "$work/log")"
    touch "$work/unpacked"
fi

image=$work/image
[ -d "$image/usr/lib/modules" ] && lib=usr/lib || lib=lib
kernel=$(ls "$image/$lib/modules" 2> "$work/log") || die "$deb holds no lib/modules"
if [ ! -e "$work/modules" ]; then
    say "3/4 module directory of $kernel"
    # depmod wants lib/modules, wherever the package has it.
    [ -e "$image/lib" ] || ln -s usr/lib "$image/lib"
    "$depmod" -b "$image" "$kernel" 2> "$work/log" || die "depmod: $(tail -n1 "$work/log")"
    mkdir -p "$target/modules" "$target/kernel"
    for file in alias dep softdep builtin builtin.modinfo order; do
        [ -e "$image/$lib/modules/$kernel/modules.$file" ] || die "depmod made no modules.$file"
        cp "$image/$lib/modules/$kernel/modules.$file" "$target/modules/"
    done
    cp "$image/boot/vmlinuz-$kernel" "$target/kernel/Image"
    cp "$image"/usr/share/doc/linux-image-*/copyright "$target/copyright"
    touch "$work/modules"
fi

if [ ! -e "$work/boards" ]; then
    rm -rf "$target/boards"
    cp -R "$image/usr/lib/linux-image-$kernel" "$target/boards" || die "$deb holds no device trees"
    chmod -R u+w "$target/boards"
    touch "$work/boards"
fi

# Built-in drivers have no alias in the metadata. The next best: compatible strings of the boards that stand, NUL on both sides, in
# the kernel image, as they do in a driver's match table. Other code holds such strings as well, so this is a guess.
if [ ! -e "$target/modules/builtin-compatibles.txt" ]; then
    if command -v dtc > /dev/null; then
        say "4/4 compatible strings of the boards in the kernel image"
        find "$target/boards" -name '*.dtb' -print0 | xargs -0 -P "$(nproc)" -n 16 sh -c '
            for file do
                dtc -q -I dtb -O dts "$file" | sed -n "s/^[[:space:]]*compatible = \"\(.*\)\";$/\1/p" | sed "s/\", \"/\n/g; s/\\\\0/\n/g"
            done' sh | LC_ALL=C sort -u > "$work/compatibles"
        tr '\0' '\n' < "$target/kernel/Image" | LC_ALL=C sort -u | LC_ALL=C comm -12 - "$work/compatibles" > "$work/builtins"
        [ -s "$work/builtins" ] || die "no compatible string in $target/kernel/Image: is it compressed?"
        sed -n 's/^alias of:N\*T\*C\([^*]*\)\(C\*\)\{0,1\} [^ ]*$/\1/p' "$target/modules/modules.alias" | LC_ALL=C sort -u > "$work/modular"
        {
            LC_ALL=C comm -23 "$work/builtins" "$work/modular" | sed 's/$/\tbuiltin-string/'
            LC_ALL=C comm -12 "$work/builtins" "$work/modular" | sed 's/$/\tmodule+builtin-string/'
        } | LC_ALL=C sort > "$work/list"
        mv "$work/list" "$target/modules/builtin-compatibles.txt"
    else
        say "4/4 skipped: no list of built-in drivers without dtc (package device-tree-compiler); use --builtins $target/kernel/Image"
    fi
fi

printf '%s, %s, %s trees\n' "$(dpkg-deb -f "$deb" Package)" "$(dpkg-deb -f "$deb" Version)" \
    "$(find "$target/boards" -name '*.dtb' | wc -l)" > "$target/VERSION"
rm -rf "$image" "$deb" "$apt"
touch "$work/done"
say "done: $(cat "$target/VERSION")"
say "next: latebind explore $target/boards --modules $target/modules"
