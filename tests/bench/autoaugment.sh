#!/bin/sh
# AutoAugment and preprocessing beside Pillow.  usage: autoaugment.sh [ROUNDS]
cd "$(dirname "$0")/../.." || exit 1
photos=${CC_DATA:-../shared/data}/photos/photos.tar
[ -e "$photos" ] || {
	echo "# SKIP photographs: $photos is not there"
	exit 0
}
[ -x build/venv/bin/python ] || {
	echo "# SKIP Pillow: build/venv has no Python"
	exit 0
}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
tar xf "$photos" -C "$T"
build/venv/bin/python tests/bench/autoaugment.py "${1:-5}" "$T"/*
