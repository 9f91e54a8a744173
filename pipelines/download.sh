#!/bin/sh
# download.sh URL MD5 FILE: downloads FILE unless it exists with that checksum.  If it fails, it prints why and exits with status 1.
# Timeouts: 5 seconds to connect, 15 seconds without progress, 10 minutes in all.
set -eu
. "$(dirname "$0")/common.sh"
usage 3 "$@"
url=$1 md5=$2 file=$3
part=$file.$$

md5_of() {
	md5sum <"$1" | cut -c 1-32
}

fetch() {
	quiet=-sS
	[ -t 2 ] && quiet=--progress-bar
	if command -v curl >/dev/null; then
		curl -fL $quiet --connect-timeout 5 --speed-limit 20000 --speed-time 15 --max-time 600 -o "$part" -- "$url"
	elif command -v wget >/dev/null; then
		timeout 600 wget -nv --dns-timeout=5 --connect-timeout=5 --read-timeout=15 --tries=1 -O "$part" -- "$url"
	else
		echo "download: neither curl nor wget is installed"
		return 1
	fi >&2
}

[ -e "$file" ] && [ "$(md5_of "$file")" = "$md5" ] && exit 0
trap 'rm -f -- "$part"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p -- "$(dirname -- "$file")"
fetch || {
	echo "download: $url: download failed" >&2
	exit 1
}
found=$(md5_of "$part")
[ "$found" = "$md5" ] || {
	echo "download: $url: checksum mismatch: its MD5 is $found instead of $md5" >&2
	exit 1
}
mv -- "$part" "$file"
