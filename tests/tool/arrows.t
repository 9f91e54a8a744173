#!/bin/sh
# Allowed includes: tools -> formats -> libcommon.  Each include must be listed below for the room of the including file.
cd "$(dirname "$0")/../.." || exit 1
n=0
fail=0

# room, and the rooms that its files may include (besides itself)
check() {
	folder=$1
	shift
	allowed=$(echo "$folder $*" | tr ' ' '|')
	wrong=$(grep -n '^#include "' "$folder"/*.c "$folder"/*.h 2>/dev/null |
		sed -E 's#"(core|image|text|attack|augment|nn|clip|train|metric)/#"libcommon/\1/#' |
		grep -vE "#include \"($allowed)(/[a-z_0-9-]+)?\.(h|def)\"")
	n=$((n + 1))
	if [ -z "$wrong" ]; then
		echo "ok $n - $folder includes only: $*"
	else
		echo "not ok $n - $folder includes only: $*"
		echo "$wrong" | sed 's/^/# /'
		fail=1
	fi
}

text="libcommon/core libcommon/text"
image="libcommon/core libcommon/image"
check formats/stream $text
check formats/image $image formats/stream
check formats/text $text formats/stream
check formats/tensor $text formats/text formats/stream
check formats/tar $text libcommon/image formats/text formats/tensor formats/image formats/stream
check formats/source $text libcommon/image formats/tar formats/image formats/text formats/stream
check formats/dataset $text formats/source formats/tar formats/image formats/text formats/stream
check formats/sample $image libcommon/text libcommon/attack libcommon/augment formats/dataset formats/tar formats/image formats/text formats/stream
check formats/model $text libcommon/image libcommon/clip formats/tensor formats/text formats/stream
check formats/training $text libcommon/clip libcommon/train formats/model formats/dataset formats/text formats/stream
check formats/report $text libcommon/image libcommon/metric formats/tar formats/tensor formats/image formats/text formats/stream

# A tool includes the framework and the libraries, and no other tool.
for tool in tools/*/; do
	check "${tool%/}" 'libcommon/[a-z]+' 'formats/[a-z]+' tools/cli
done
check libcommon/core
check libcommon/image libcommon/core
check libcommon/text libcommon/core
check libcommon/attack libcommon/image libcommon/text libcommon/core
check libcommon/augment libcommon/image libcommon/text libcommon/core
check libcommon/nn libcommon/core
check libcommon/clip libcommon/nn libcommon/core
check libcommon/train libcommon/clip libcommon/nn libcommon/core
check libcommon/metric libcommon/clip libcommon/nn libcommon/core

n=$((n + 1))
if grep -lE '(^|[^a-z_])(fopen|open|opendir|mmap|printf|fprintf|puts|exit|abort|rand|srand)\(' libcommon/*/*.c | grep .; then
	echo "not ok $n - libcommon opens, prints and exits nowhere"
	fail=1
else
	echo "ok $n - libcommon opens, prints and exits nowhere"
fi

n=$((n + 1))
others=$(grep -l '<blis.h>\|<blis/' -r libcommon formats tools | grep -v '^libcommon/nn/gemm.c$')
if [ -z "$others" ]; then
	echo "ok $n - only one file includes BLIS"
else
	echo "not ok $n - only one file includes BLIS: $others"
	fail=1
fi

# Includes have no cycles; each header compiles alone.
n=$((n + 1))
circles=$(python3 tests/tool/include_circles.py)
if [ -z "$circles" ]; then
	echo "ok $n - no circle of headers"
else
	echo "not ok $n - no circle of headers"
	echo "$circles" | sed 's/^/# /'
	fail=1
fi

n=$((n + 1))
flags="-std=c11 -D_POSIX_C_SOURCE=200809L -D_GNU_SOURCE -Ilibcommon -I. $(pkg-config --cflags libarchive libpng msgpack jansson libxxhash libutf8proc 2>/dev/null)"
alone=$(ls libcommon/*/*.h formats/*/*.h tools/*/*.h | grep -v -e _body.h |
	xargs -P 2 -I HEADER sh -c "echo '#include \"HEADER\"' | sed 's|libcommon/||' | ${CC:-cc} $flags -fsyntax-only -x c - >/dev/null 2>&1 || echo HEADER")
if [ -z "$alone" ]; then
	echo "ok $n - each header compiles alone"
else
	echo "not ok $n - each header compiles alone: $alone"
	fail=1
fi

n=$((n + 1))
twice=$(nm --defined-only build/libcc.a 2>/dev/null | awk '$2 ~ /^[TDBR]$/ { print $3 }' | sort | uniq -d)
if [ -z "$twice" ]; then
	echo "ok $n - no symbol is defined twice"
else
	echo "not ok $n - no symbol is defined twice: $twice"
	fail=1
fi

n=$((n + 1))
wrong=$(for test in tests/tool/*.t .ci/run tests/check.sh pipelines/*.sh; do [ -x "$test" ] || [ "$test" = pipelines/common.sh ] || echo "$test"; done)
if [ -z "$wrong" ]; then
	echo "ok $n - scripts may be run"
else
	echo "not ok $n - scripts may be run: $wrong"
	fail=1
fi
echo "1..$n"
exit $fail
