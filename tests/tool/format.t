#!/bin/sh
# The code is formatted by .clang-format.  Versions of clang-format differ, so a fixed one is installed into build/format from PyPI.
. "$(dirname "$0")/lib.sh"

version=19.1.7
format=build/format/bin/clang-format
if ! [ -x $format ]; then
	{ python3 -m venv build/format && build/format/bin/pip -q install clang-format==$version; } >"$T/said" 2>&1 ||
		skip_all "clang-format $version cannot be installed: $(tail -1 "$T/said")"
fi
is "the version of clang-format" "$($format --version | grep -o "$version")" $version
is "all files are formatted (make format does it)" "$(ls libcommon/*/*.[ch] formats/*/*.[ch] tools/*.c tools/*/*.[ch] tests/*/*.[ch] |
	xargs $format --dry-run 2>&1 | sed -n 's/: warning:.*//p' | cut -d: -f1 | uniq)" ""
done_testing
