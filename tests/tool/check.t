#!/bin/sh
# tests/check.sh in a small tree with a fake make.
. "$(dirname "$0")/lib.sh"

mkdir -p "$T/tree/tests/unit" "$T/tree/tests/fuzz" "$T/tree/tests/tool" "$T/tree/build/test"
cp tests/check.sh "$T/tree/tests"
cd "$T/tree" || exit 1
touch tests/unit/test_new.c tests/fuzz/fuzz_new.c
cat >make <<'END'
#!/bin/sh
case "$*" in *SAN=1*) out=build/san ;; *) out=build ;; esac
for name in test/test_new fuzz/fuzz_new; do
	mkdir -p $out/${name%/*}
	printf '#!/bin/sh\necho ok 1\necho 1..1\n' >$out/$name
	chmod +x $out/$name
done
END
printf '#!/bin/sh\necho ok 1\necho "ok 2 # SKIP why"\necho 1..2\n' >tests/tool/some.t
printf '#!/bin/sh\necho not ok 1\necho 1..1\n' >build/test/test_old
chmod +x make tests/tool/some.t build/test/test_old
check() { MAKE=$T/tree/make "$@" 2>&1 | tail -1; }

is "every test runs twice; a test without its source does not run" "$(check tests/check.sh)" "6 passed, 0 failed, 2 skipped"
is "called by a relative path" "$(cd tests && check ./check.sh)" "6 passed, 0 failed, 2 skipped"
is "only the tests named" "$(check tests/check.sh fuzz)" "2 passed, 0 failed, 0 skipped"
echo 'exit 1' >tests/tool/some.t
is "a test that dies counts as failed" "$(check tests/check.sh)" "4 passed, 2 failed, 0 skipped"
printf '#!/bin/sh\nexit 2\n' >make
is "a failed build is reported and counted" "$(check tests/check.sh)" "the build failed: 0 passed, 1 failed, 0 skipped"
fails_with "the build failed" env MAKE="$T/tree/make" tests/check.sh
done_testing
