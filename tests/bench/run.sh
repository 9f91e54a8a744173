#!/bin/sh
# Speeds as ratios to what bounds them, or to what others take, side by side in one run.  usage: run.sh [engine|clip|images|autoaugment|shards|poison]...
set -u
cd "$(dirname "$0")/../.." || exit 1
export CC_DATA="${CC_DATA:-../shared/data}" PATH="$PWD/build/bin:$PATH"
for part in "${@:-engine clip images autoaugment shards poison}"; do
	for name in $part; do
		echo "== $name"
		case $name in
		engine) build/bench/bench_engine ;;
		*) "tests/bench/$name.sh" ;;
		esac
		echo
	done
done
