#!/bin/sh
# The examples of formats/STREAM.md: hex dumps become files, commands are run in order, and their output is compared byte by byte.
. "$(dirname "$0")/lib.sh"

version=$(sed -n 's/.*TOOL_VERSION "\(.*\)"/\1/p' tools/cli/tool.h)
mkdir "$T/x"
python3 tests/tool/stream_spec.py formats/STREAM.md "$T/x" || exit 1
n=1
while [ -e "$T/x/$n.sh" ]; do
	(cd "$T/x" && sh "$n.sh" >"$n.got" 2>&1 </dev/null)
	is "$(head -1 "$T/x/$n.sh" | cut -c1-70)" "$(cat "$T/x/$n.got")" "$(sed "s/\"version\": \"0\.2\.0\"/\"version\": \"$version\"/" "$T/x/$n.wanted")"
	n=$((n + 1))
done
is "all examples were found" "$((n > 20))" 1

# The same text as the man page cleanclip-stream(7).
awk -f tools/cli/markdown-man.awk -v section=7 -v version="$version" formats/STREAM.md >"$T/page.7"
is "every heading is in the man page" "$(grep -c '^[.]S[HS]' "$T/page.7")" "$(($(sed '/^```/,/^```/d' formats/STREAM.md | grep -c '^#') + 1))"
is "and so is every table row" "$(grep -c '^[.]TP' "$T/page.7")" "$(($(grep -c '^|' formats/STREAM.md) - 2 * $(grep -c '^|---' formats/STREAM.md)))"
is "and every line of an example" "$(sed -n '/^[.]RS/,/^[.]RE/p' "$T/page.7" | grep -vc '^[.]R[SE]')" \
	"$(sed -n '/^```/,/^```/p' formats/STREAM.md | grep -vc '^```')"
if command -v man >/dev/null && man -l "$T/page.7" >"$T/page.txt" 2>/dev/null; then
	is "man formats it without a warning" "$(man --warnings -l "$T/page.7" 2>&1 >/dev/null)" ""
	ok "backslashes and dashes are unchanged" grep -qF "sed 's/ *\$//'" "$T/page.txt"
else
	skip "man formats it without a warning" "man cannot format pages here"
fi
done_testing
