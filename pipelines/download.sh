#!/bin/sh
# download.sh URL MD5 FILE: afterwards FILE is there and has that checksum, or the exit code is 1 and why was said.
# Given up is a connection that takes more than 5 seconds to come about or stands still, and after 10 minutes the whole.
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
	echo "download: $url: did not arrive" >&2
	exit 1
}
found=$(md5_of "$part")
[ "$found" = "$md5" ] || {
	echo "download: $url: not what it should be: its MD5 is $found instead of $md5" >&2
	exit 1
}
mv -- "$part" "$file"
