#!/bin/sh
# The Makefile: what is made anew, and what is not, in a small tree.
. "$(dirname "$0")/lib.sh"

mkdir -p "$T/tree/tools/cli" "$T/tree/libcommon/core" "$T/tree/tests/unit"
cp Makefile "$T/tree"
cp tools/cli/tool.h "$T/tree/tools/cli"
cd "$T/tree" || exit 1
echo 'int one(void);' >libcommon/core/one.h
printf '#include "core/one.h"\nint one(void) { return 1; }\n' >libcommon/core/one.c
printf 'int two(void);\nint two(void) { return 2; }\n' >libcommon/core/two.c
printf '#include "core/one.h"\nint main(void) { return one() - 1; }\n' | tee tools/cc-some.c >tests/unit/test_some.c
build() { env -u MAKEFLAGS -u CFLAGS make --no-print-directory all units "$@" 2>&1; }
made() { build "$@" | grep -o -- '-o build[a-z/_.-]*\|warning.*\|.*Error.*' | sed 's/.*[/]//' | sort | tr '\n' ' '; }
objects="cc-some.o one.o test_some test_some.o two.o"

is "all" "$(made -j2)" "cc-some $objects "
is "nothing" "$(made)$(build -q && echo done)" "done"
sleep 1
touch libcommon/core/one.h
is "what includes a header" "$(made)" "cc-some cc-some.o one.o test_some test_some.o "
is "all with other flags" "$(made CFLAGS='-O1 -DTEXT="\"a b\""')" "cc-some $objects "
is "which are remembered" "$(made CFLAGS='-O1 -DTEXT="\"a b\""')" ""
is "and stand in the link" "$(touch tools/cc-some.c; build CFLAGS=-Og | grep -c -- '-Og.*-o build/bin/cc-some$')" 1
rm libcommon/core/two.c
is "the library without a source that is gone" "$(made CFLAGS=-Og) $(ar t build/libcc.a)" "cc-some test_some  one.o"
is "sanitizers are beside it" "$(made SAN=1 CFLAGS=-Og; made CFLAGS=-Og)" "cc-some cc-some.o one.o test_some test_some.o "
ok "it runs" build/san/bin/cc-some
done_testing
