#!/bin/sh
# Shards -> stream -> shards beside Python's tarfile, tar to tar; what a stage in between costs; memory.  usage: shards.sh [ROUNDS]
cd "$(dirname "$0")/../.." || exit 1
data=${CC_DATA:-../shared/data}
[ -e "$data/photos/photos.tar" ] && [ -e "$data/cifar10/train.tar" ] || {
	echo "# SKIP shards: no photographs in $data"
	exit 0
}
exec python3 tests/bench/shards.py "$data" "${1:-5}"
