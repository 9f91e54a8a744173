#!/bin/sh
# Poisoning a set of shards end to end beside the released program's way: PIL, a CSV and files.  usage: poison.sh [ROUNDS]
cd "$(dirname "$0")/../.." || exit 1
data=${CC_DATA:-../shared/data}
[ -e "$data/photos/photos.tar" ] && [ -e "$data/cifar10/train.tar" ] || {
	echo "# SKIP poison: no photographs in $data"
	exit 0
}
build/venv/bin/python -c 'import numpy, PIL' 2>/dev/null || {
	echo "# SKIP poison: no Pillow and numpy in build/venv"
	exit 0
}
exec build/venv/bin/python tests/bench/poison.py "$data" "${1:-3}"
