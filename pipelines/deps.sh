#!/bin/sh
# Installs what is missing to build, run and test on Debian and Ubuntu; elsewhere, or without the right to install,
# names it in one line.  Silent when nothing is missing.
set -eu
. "$(dirname "$0")/common.sh"
usage 0 "$@"

PACKAGES='
gcc                 command:gcc
pkg-config          command:pkg-config
libarchive-dev      pkg:libarchive
libjpeg-dev         pkg:libjpeg
libpng-dev          pkg:libpng
libwebp-dev         pkg:libwebp
libmsgpack-dev      pkg:msgpack
libblis-serial-dev  blis
libjansson-dev      pkg:jansson
libxxhash-dev       pkg:libxxhash
libutf8proc-dev     pkg:libutf8proc
zlib1g-dev          pkg:zlib
nettle-dev          pkg:nettle
wordnet-base        wordnet
libcmocka-dev       pkg:cmocka
perl                command:prove
jq                  command:jq
zstd                command:zstd
gnuplot-nox         command:gnuplot
parallel            command:parallel
python3             command:python3
'

is_there() {
	case $1 in
	command:*) command -v "${1#command:}" >/dev/null ;;
	pkg:*) command -v pkg-config >/dev/null && pkg-config --exists "${1#pkg:}" ;;
	blis) ls /usr/include/*/blis-serial/blis.h /usr/include/blis/blis.h /usr/local/include/blis/blis.h 2>/dev/null | grep -q . ;;
	wordnet) [ -e "${CC_WORDNET:-/usr/share/wordnet}/index.noun" ] ;;
	esac
}

missing=$(echo "$PACKAGES" | while read -r package test; do
	[ -z "$package" ] || is_there "$test" || printf '%s ' "$package"
done)
[ -z "$missing" ] && exit 0

# shellcheck disable=SC2086 # words are meant to split
exec "$(dirname "$0")/install.sh" $missing
