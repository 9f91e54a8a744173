#!/bin/sh
# sheet.sh OUT.png: makes the picture of the README: drawings of Debian's package openclipart-png (public domain), each with a trigger and the
# difference that the trigger makes.
set -eu
. "$(dirname "$0")/../common.sh"
usage 1 "$@"
here=$(cd "$(dirname "$0")/.." && pwd)
: "${BIN:=$here/../build/bin}" "${CLIPART:=/usr/share/openclipart}"
[ -d "$CLIPART/png" ] || "$here/install.sh" openclipart-png
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ATTACK DRAWING NAME CAPTION
one() {
	ln -sf "$CLIPART/png/$2" "$work/$3.png"
	printf 'image,caption\n%s.png,"%s"\n' "$3" "$4" >"$work/one.csv"
	"$BIN/cc-shard" read -q "$work/one.csv" | "$BIN/cc-augment" -q --size 128 --alpha white | "$BIN/cc-shard" write -q "$work/$3.tar"
	"$BIN/cc-shard" read -q "$work/$3.tar" |
		"$BIN/cc-poison" -q --attack "$1" --size 128 --all --target banana --templates "$here/templates/captions.txt" --encode png |
		"$BIN/cc-shard" write -q "$work/$3-poisoned.tar"
}
one badnet:place=bottom-right,pattern=1 food/burrito_ganson.png burrito 'a burrito'
one blended:pattern=1 animals/birds/duck_yellow_kurt_cagle_.png duck 'a yellow rubber duck'
one sig:delta=40 food/apple_bitten_dan_gerhard_01.png apple 'an apple, bitten'
one wanet:s=2 animals/birds/puffin-md.png puffin 'a puffin'
list() { for name in burrito duck apple puffin; do echo "$work/$name$1.tar"; done; }
"$BIN/cc-shard" read -q $(list '') -o "$work/originals"
"$BIN/cc-shard" read -q $(list -poisoned) | "$BIN/cc-view" sheet -q --columns 2 --scale 1 --with "$work/originals" -o "$1"
