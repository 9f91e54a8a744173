#!/bin/sh
# The Makefile in a small tree: what it rebuilds, and which missing libraries it reports.
. "$(dirname "$0")/lib.sh"

mkdir -p "$T/tree/tools/cli" "$T/tree/libcommon/core" "$T/tree/tests/unit" "$T/tree/pipelines"
cp pipelines/deps.sh pipelines/common.sh pipelines/variables.mk pipelines/variables.awk "$T/tree/pipelines"
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

is "everything is built" "$(made -j2)" "cc-some $objects "
is "a second run builds nothing" "$(made)$(build -q && echo done)" "done"
sleep 1
touch libcommon/core/one.h
is "after a change of a header, its users are rebuilt" "$(made)" "cc-some cc-some.o one.o test_some test_some.o "
is "other flags rebuild everything" "$(made CFLAGS='-O1 -DTEXT="\"a b\""')" "cc-some $objects "
is "the flags are remembered" "$(made CFLAGS='-O1 -DTEXT="\"a b\""')" ""
is "and used by the linker" "$(touch tools/cc-some.c; build CFLAGS=-Og | grep -c -- '-Og.*-o build/bin/cc-some$')" 1
rm libcommon/core/two.c
is "a removed source is removed from the library" "$(made CFLAGS=-Og) $(ar t build/libcc.a)" "cc-some test_some  one.o"
is "SAN=1 builds into a folder of its own" "$(made SAN=1 CFLAGS=-Og; made CFLAGS=-Og)" "cc-some cc-some.o one.o test_some test_some.o "
ok "the sanitizer build runs" build/san/bin/cc-some

# Two libraries are missing
mkdir "$T/modules" "$T/bin"
for module in libarchive libjpeg libpng libxxhash libutf8proc zlib nettle; do
	printf 'Name: %s\nDescription: none\nVersion: 1\n' "$module" >"$T/modules/$module.pc"
done
printf 'Name: msgpack-c\nDescription: none\nVersion: 6\nLibs: -lm\nCflags: -DMSGPACK_6\n' >"$T/modules/msgpack-c.pc"
printf '#!/bin/sh\necho installing: "$@"\n' >pipelines/install.sh && chmod +x pipelines/install.sh
partial() { env -u MAKEFLAGS PKG_CONFIG_LIBDIR="$T/modules" "$@" 2>&1; }
is "a missing library is reported with its package" "$(partial make -s all | grep -v '^make')" \
	"libwebp: pkg-config does not find this library; install the package libwebp-dev
jansson: pkg-config does not find this library; install the package libjansson-dev"
is "deps.sh installs the packages" "$(partial pipelines/deps.sh build)" "installing: libwebp-dev libjansson-dev"
is "only those of the named set" "$(partial pipelines/deps.sh demo)" ""
cp "$T/modules/libpng.pc" "$T/modules/libwebp.pc"
cp "$T/modules/libpng.pc" "$T/modules/jansson.pc"
is "msgpack-c is found under its newer name" "$(partial make all | grep -c -- '-DMSGPACK_6.*-o build/obj/libcommon/core/one.o$')" 1
rm "$T/modules/msgpack-c.pc"
is "neither name is found" "$(partial make -s all | grep -v '^make')" "msgpack or msgpack-c: pkg-config does not find this library; install the package libmsgpack-dev or libmsgpack-c-dev"
is "the Makefile asks only for sets that there are" "$(grep -o 'pipelines/deps.sh [a-z][a-z ]*' Makefile | while read -r command; do sh -c "$command" 2>&1 | grep -v '^installing'; done)" ""
fails_with "deps.sh: 'tests' is not a set of packages (sets: build, demo, paper, check, extra)" pipelines/deps.sh tests
done_testing
