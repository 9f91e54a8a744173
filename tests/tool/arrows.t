#!/bin/sh
# Who may include whom (DESIGN, "Folders"): each line of a file's includes must be among its folder's arrows.
cd "$(dirname "$0")/../.." || exit 1
n=0
fail=0

# folder, and what its files may include (their own folder always)
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

check formats libcommon/core libcommon/image/image libcommon/image/overlay libcommon/text/nfc libcommon/text/utf8
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
	echo "ok $n - BLIS is behind one file"
else
	echo "not ok $n - BLIS is behind one file: $others"
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
