#!/bin/sh
# Builds everything, then runs every test twice (plain, and under the address and undefined-behaviour sanitizers), two at a time.
# The last line has the counts.  `tests/check.sh NAME...` runs only the named tests: `tests/check.sh cc-shard test_stream`.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${MAKE:=make}" "${CC_DATA:=$(cd .. && pwd)/shared/data}"
export CC_DATA MAKE CMOCKA_MESSAGE_OUTPUT=TAP LC_ALL=C.UTF-8 NO_COLOR=1 CC_JOBS="${CC_JOBS:-2}"
# The sanitizer's malloc returns NULL for impossible sizes, as the plain one does.
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
unset MAKEFLAGS MFLAGS MAKELEVEL
jobs=$(getconf _NPROCESSORS_ONLN)

# Runs one test: its TAP goes to build/tap.  A line "not ok" is added for a program that dies without one.
if [ "${1:-}" = --one ]; then
	tap=build/tap/$(echo "$2/$3" | tr / _).tap
	PATH=$PWD/$2/bin:$PATH TMPDIR=${TMPDIR:-/tmp} timeout 900 "./$3" </dev/null >"$tap" 2>"$tap.err"
	code=$?
	if [ $code != 0 ] && ! grep -q '^not ok' "$tap"; then
		sed -i '/^1\.\./d' "$tap"
		echo "not ok $(($(grep -c '^ok' "$tap") + 1)) - exit status $code" >>"$tap"
		echo "1..$(grep -c '^\(not \)\?ok' "$tap")" >>"$tap"
	fi
	passed=$(grep -c '^ok' "$tap")
	failed=$(grep -c '^not ok' "$tap")
	printf '%-52s %4d passed%s\n' "$2 $(basename "$3")" "$passed" "$([ "$failed" = 0 ] || echo ", $failed FAILED")"
	if [ "$failed" != 0 ]; then
		grep -A6 '^not ok' "$tap" | head -60
		tail -30 "$tap.err"
	fi
	exit 0
fi

wanted() {
	[ $# = 1 ] && return 0
	name=$(basename "$1")
	shift
	for pattern; do
		case $name in *"$pattern"*) return 0 ;; esac
	done
	return 1
}

build_and_list() { # FOLDER MAKE-ARGUMENT...
	folder=$1
	shift
	$MAKE -s -j"$jobs" "$@" all units fuzzers >&2 || return 1
	# Only tests whose source still exists: build/ may contain older ones.
	for test in tests/unit/test_*.c tests/fuzz/fuzz_*.c tests/tool/*.t; do
		case $test in
		tests/unit/*) test=$folder/test/$(basename "$test" .c) ;;
		tests/fuzz/*) test=$folder/fuzz/$(basename "$test" .c) ;;
		esac
		# Tests that do not run our programs need no second run.
		[ "$folder" = build ] || case $test in */allocations.t | */ladder.t | */arrows.t | */format.t | */check.t | */makefile.t | */readme.t | */manual.t | */tutorial.t | */documents.t | */demo-data.t | */cleanclip-mk.t | */odd-names-mk.t | */paper-mk.t | */results.t | */clean-a-checkpoint-mk.t) continue ;; esac
		echo "$folder $test"
	done
}

rm -rf build/tap
mkdir -p build/tap
{ build_and_list build && build_and_list build/san SAN=1; } >build/tap/list || {
	echo "the build failed: 0 passed, 1 failed, 0 skipped"
	exit 1
}
while read -r folder test; do
	# shellcheck disable=SC2086
	wanted "$test" "$@" && echo $folder $test
done <build/tap/list | xargs -P "$jobs" -L 1 tests/check.sh --one

prove -Q -e cat build/tap/*.tap >build/tap/summary 2>&1
judged=$?
passed=$(cat build/tap/*.tap | grep '^ok' | grep -vc '# SKIP')
failed=$(cat build/tap/*.tap | grep -c '^not ok')
skipped=$(cat build/tap/*.tap | grep -c '^ok.*# SKIP')
grep -h '# SKIP' build/tap/*.tap | sed 's/^ok [0-9]* */skipped: /' | sort | uniq
[ $judged = 0 ] || [ "$failed" != 0 ] || {
	cat build/tap/summary
	failed=1
}
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
