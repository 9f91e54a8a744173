#!/bin/sh
# deps.sh SET...: installs the packages that are missing, on Debian and Ubuntu. Elsewhere, or without root, it prints the
# command that does. Prints nothing when nothing is missing.
#
#	build   compiler and libraries
#	demo    what `make demo` runs in addition to the programs
#	paper   what the other pipelines run: figures, several machines
#	check   what the tests run
#	extra   optional libraries: contact sheets in any script
#
# deps.sh --check: fails and names each library of the set `build` that the compiler would not find, and its package.
set -eu
. "$(dirname "$0")/common.sh"
usage 1 "$@"

# SET PACKAGE TEST; where a distribution has another name for either, both are listed.
PACKAGES='
build gcc                               command:gcc|cc
build pkg-config                        command:pkg-config
build libarchive-dev                    pkg:libarchive
build libjpeg-dev                       pkg:libjpeg
build libpng-dev                        pkg:libpng
build libwebp-dev                       pkg:libwebp
build libmsgpack-dev|libmsgpack-c-dev   pkg:msgpack|msgpack-c
build libblis-serial-dev                blis
build libjansson-dev                    pkg:jansson
build libxxhash-dev                     pkg:libxxhash
build libutf8proc-dev                   pkg:libutf8proc
build zlib1g-dev                        pkg:zlib
build nettle-dev                        pkg:nettle
demo  wordnet-base                      wordnet
demo  jq                                command:jq
paper gnuplot-nox                       command:gnuplot
paper parallel                          command:parallel
check libcmocka-dev                     pkg:cmocka
check perl                              command:prove
check zstd                              command:zstd
check python3                           command:python3
extra libpango1.0-dev                   pkg:pangocairo
'

# TEST: is one of its alternatives present?
is_present() {
	names=$(echo "${1#*:}" | tr '|' ' ')
	case $1 in
	command:*) for name in $names; do ! command -v "$name" >/dev/null || return 0; done ;;
	pkg:*) for name in $names; do ! pkg-config --exists "$name" 2>/dev/null || return 0; done ;;
	blis) ls /usr/include/*/blis-serial/blis.h /usr/include/blis/blis.h /usr/local/include/blis/blis.h 2>/dev/null | grep -q . && return 0 ;;
	wordnet) [ -e "${CC_WORDNET:-/usr/share/wordnet}/index.noun" ] && return 0 ;;
	esac
	return 1
}

# PACKAGE|PACKAGE: the first that this distribution has
package_here() {
	for package in $(echo "$1" | tr '|' ' '); do
		! apt-cache show "$package" >/dev/null 2>&1 || {
			echo "$package"
			return
		}
	done
	echo "${1%%|*}"
}

# SET...: PACKAGE TEST of what is missing
missing() {
	echo "$PACKAGES" | while read -r set package test; do
		case " $* " in *" $set "*) is_present "$test" || echo "$package $test" ;; esac
	done
}

if [ "$1" = --check ]; then
	command -v pkg-config >/dev/null || {
		echo "pkg-config: not found; install the package pkg-config" >&2
		exit 1
	}
	absent=$(missing build | grep -v ' command:' || true)
	[ -n "$absent" ] || exit 0
	echo "$absent" | while read -r package test; do
		case $test in
		pkg:*) echo "${test#pkg:}: pkg-config does not find this library; install the package $package" ;;
		*) echo "$test: no header blis.h found; install the package $package" ;;
		esac
	done | sed 's/|/ or /g' >&2
	exit 1
fi
for set; do
	case $set in build | demo | paper | check | extra) ;; *)
		echo "deps.sh: '$set' is not a set of packages (sets: build, demo, paper, check, extra)" >&2
		exit 2
		;;
	esac
done
install=$(missing "$@" | while read -r package test; do printf '%s ' "$(package_here "$package")"; done)
[ -n "$install" ] || exit 0

# shellcheck disable=SC2086 # words are meant to split
exec "$(dirname "$0")/install.sh" $install
