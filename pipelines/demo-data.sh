#!/bin/sh
# demo-data.sh OUT: prepares labelled images with captions for the demo, from the first source that is available:
#
#	$DATA       your own images: a folder of class folders, a tar of them, or shards with cls (if the shards have
#	            no class names, $CLASSES is a file with them)
#	$CC_DATA    a folder with cifar10/train.tar and cifar10/test.tar (default: shared/data next to the project)
#	$CIFAR_URL  CIFAR-10's binary archive (default: its authors' page; empty: no download), kept in the user's cache
#	drawings    from the packages openclipart-png and openclipart-svg; $CAPTIONS is "templates" or "own" (every other
#	            caption is the artist's own text)
#
# It writes these files, each only when complete, and does nothing if all of them exist:
#
#	OUT/train.tar clean.tar tune.tar test.tar   disjoint shards: 20,000, 4,000 and 1,000 images, and all test images; if
#	                                            there are fewer images, in the same proportions
#	OUT/spare.tar                               up to 5,000 more images, if there are any (for pipelines/paper.mk)
#	OUT/classes.txt                             one class per line, in the order of cls
#	OUT/source.txt                              one line that names the source
set -eu
. "$(dirname "$0")/common.sh"
usage 1 "$@"
out=$1
here=$(cd "$(dirname "$0")" && pwd)
find_programs
: "${SIZE:=32}" "${DATA:=}" "${CLASSES:=}" "${CC_DATA:=$here/../../shared/data}"
: "${CIFAR_URL=https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz}" "${CIFAR_MD5:=c32a1d4ab5d03f1284b67883e8d87530}"
: "${CACHE:=${XDG_CACHE_HOME:-${HOME:-}/.cache}/cleanclip}" "${CLIPART:=/usr/share/openclipart}" "${CAPTIONS:=templates}"
new=$out/.new

say() {
	printf 'demo-data: %s\n' "$*" >&2
}

# SET SKIP TAKE FILTER SOURCE...: all sets are slices of the same shuffled order, so they do not overlap.
draw() {
	name=$1 skip=$2 take=$3 filter=$4
	shift 4
	"$BIN/cc-shard" read -q --shuffle --seed 1 --skip "$skip" --take "$take" --templates "$here/templates/captions.txt" "$@" |
		"$filter" | "$BIN/cc-shard" write -q "$new/$name.tar"
}

# SKIP COUNT FILTER SOURCE...: draws the sets for training and tuning from COUNT images after the first SKIP.
draw_training() {
	from=$1 count=$(($2 < 25000 ? $2 : 25000)) spare=$(($2 - 25000 < 5000 ? $2 - 25000 : 5000)) filter=$3
	shift 3
	train=$((count * 20 / 25)) clean=$((count * 4 / 25))
	draw train "$from" "$train" "$filter" "$@"
	draw clean $((from + train)) "$clean" "$filter" "$@"
	draw tune $((from + train + clean)) $((count - train - clean)) "$filter" "$@"
	[ "$spare" -le 0 ] || draw spare $((from + count)) "$spare" "$filter" "$@"
}

# COUNT SOURCE...: a sixth is the test set, as in CIFAR-10.  Images are resized once, not in every epoch.
draw_all() {
	all=$1
	shift
	[ "$all" -ge 300 ] || {
		say "$all images are too few: at least 300 are needed"
		return 1
	}
	test=$((all / 6 < 10000 ? all / 6 : 10000))
	draw test 0 "$test" make_small "$@"
	draw_training "$test" $((all - test)) make_small "$@"
}

make_small() {
	"$BIN/cc-augment" -q --size "$SIZE" --alpha white --max-bad .05
}

count() {
	counted=$("$BIN/cc-shard" stat --json "$@") || return 1
	printf '%s\n' "$counted" | jq -e .records
}

# JQ-FILTER SOURCE: prints the filter's first result on a source's header and first record.
look() {
	"$BIN/cc-shard" read -q --take 1 -- "$2" | "$BIN/cc-view" | jq -enr "first(inputs | $1)"
}

own_images() {
	printf 'your own images in %s\n' "$DATA" >"$new/source.txt"
	all=$(count -- "$DATA")
	set -- -- "$DATA"
	[ -z "$CLASSES" ] || set -- --classes "$CLASSES" "$@"
	if ! look 'select(.__key__) | has("cls")' "$DATA" >/dev/null; then
		set -- --folders "$@"
	elif [ -z "$CLASSES" ] && ! look 'select(.cc) | has("classes")' "$DATA" >/dev/null; then
		say "the shards have no class names: set CLASSES=FILE, one name per line"
		return 1
	fi
	draw_all "$all" "$@"
}

# Writes one class per line.
write_classes() {
	look 'select(.cc) | .classes | tojson' "$new/test.tar" | jq -r '
		if length < 2 then error("all images have the same class: at least 2 classes are needed")
		else .[] | if test("[\n\r]") then error("the name of class \(tojson) has a line break: rename the class") else . end end' \
		>"$new/classes.txt" 2>"$new/why" || {
		say "$(sed 's/^jq: error ([^)]*): *//' "$new/why")"
		return 1
	}
}

cifar_files() {
	photographs "$(cd "$CC_DATA/cifar10" && pwd)" "$CC_DATA/cifar10/train.tar" "$CC_DATA/cifar10/test.tar" --folders
}

download() {
	mkdir -p "$CACHE" 2>/dev/null || CACHE=$out
	archive=$CACHE/cifar-10-binary.tar.gz
	"$here/download.sh" "$CIFAR_URL" "$CIFAR_MD5" "$archive"
}

cifar_archive() {
	gzip -dc "$archive" | (cd "$new" && tar xf -)
	batches=$new/cifar-10-batches-bin
	photographs "$CIFAR_URL, kept as $archive" "$batches/data_batch_{1..5}.bin" "$batches/test_batch.bin"
}

# WHERE TRAINING TEST OPTION...
photographs() {
	echo "CIFAR-10's photographs from $1" >"$new/source.txt"
	training=$2 testing=$3
	shift 3
	draw test 0 "$(count "$testing")" cat "$@" "$testing"
	draw_training 0 "$(count "$training")" cat "$@" "$training"
}

drawings() {
	[ -d "$CLIPART/png" ] && [ -d "$CLIPART/svg" ] || "$here/install.sh" openclipart-png openclipart-svg
	echo "drawings from the packages openclipart-png and openclipart-svg: they are few and simple, so plain fine-tuning" \
		"already removes most of a backdoor" >"$new/source.txt"
	clipart=$(cd "$CLIPART" && pwd)
	mkdir "$new/drawings"
	(cd "$clipart/png" && find . -type f -name '*.png') | LC_ALL=C sort |
		svg=$clipart/svg templates=$here/templates/captions.txt captions=$CAPTIONS awk -f "$here/drawings.awk" |
		while IFS="$(printf '\t')" read -r file class name caption; do
			folder=$new/drawings/$class
			[ -d "$folder" ] || mkdir "$folder"
			ln -s "$clipart/png/$file" "$folder/$name.png"
			printf %s "$caption" >"$folder/$name.txt"
		done
	draw_all "$(count "$new/drawings")" --folders "$new/drawings"
}

# True if all files exist and come from $DATA or, if that is not set, from one of the other sources.
is_done() {
	for file in train.tar clean.tar tune.tar test.tar classes.txt source.txt; do
		[ -e "$out/$file" ] || return 1
	done
	case $(cat "$out/source.txt") in
	CIFAR-10*) look 'select(.cc).templates | length' "$out/test.tar" >/dev/null || return 1 ;; # made by an older version
	esac
	case $(cat "$out/source.txt") in
	"your own images in "*) [ "$(cat "$out/source.txt")" = "$(printf 'your own images in %s
' "$DATA")" ] ;;
	*) [ -z "$DATA" ] ;;
	esac
}

is_done && exit 0
if [ -n "$DATA" ]; then
	source=own_images
elif [ -e "$CC_DATA/cifar10/train.tar" ] && [ -e "$CC_DATA/cifar10/test.tar" ]; then
	source=cifar_files
elif [ -n "$CIFAR_URL" ] && download; then
	source=cifar_archive
else
	source=drawings
fi
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
rm -rf "$new"
mkdir -p "$new"
$source
write_classes
rm -f "$out/source.txt" # written last, it marks the set as complete
for file in test.tar tune.tar spare.tar clean.tar train.tar classes.txt source.txt; do
	[ ! -e "$new/$file" ] || mv "$new/$file" "$out/$file"
done
