#!/bin/sh
# Documents name files, headings, functions and messages that exist.
. "$(dirname "$0")/lib.sh"

pages=$(ls README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md pipelines/manual/*.md formats/*.md tests/cases.md 2>/dev/null)
is "links point to existing files and headings" "$(python3 tests/tool/documents.py links $pages)" ""
is "paths in CONTRIBUTING.md and SECURITY.md exist" "$(python3 tests/tool/documents.py paths CONTRIBUTING.md SECURITY.md)" ""
is "tests named in cases.md exist" "$(grep -o '[a-z0-9_-]*\.t\b' tests/cases.md | sort -u | while read -r test; do [ -e "tests/tool/$test" ] || echo "$test"; done)" ""
is "each message in the manual's error index is in the sources" "$(python3 tests/tool/error_index.py pipelines/manual/reference.md)" ""
version=$(sed -n 's/.*TOOL_VERSION "\(.*\)"/\1/p' tools/cli/tool.h)
is "all files have the same version" "$(sed -n 's/^version: //p' CITATION.cff) $(sed -n 's/^## \([0-9.]*\).*/\1/p' CHANGELOG.md | head -1)" "$version $version"
is "CITATION.cff has the required fields" "$(sed -n 's/^\(cff-version\|message\|title\|authors\|version\|license\):.*/\1/p' CITATION.cff | sort | tr '\n' ' ')" \
	"authors cff-version license message title version "
ok "each variable in the manual is used by some file" sh -c '
	sed -n "/^## Environment/,/^## Exit/p" pipelines/manual/reference.md | grep "^| .[A-Z]" | cut -d "|" -f 2 | grep -o "[A-Z_][A-Z_0-9]*" | grep -v "^TMPDIR$" | while read -r name; do
		grep -rqw "$name" --include="*.c" --include="*.sh" --include="*.mk" --include=Makefile tools pipelines Makefile || echo "$name"
	done | { ! grep .; }'

# These checks find errors.
printf '# A page\n[x](nowhere.md) [y](#a-page) [z](#no)\n' >"$T/page.md"
is "a broken link" "$(python3 tests/tool/documents.py links "$T/page.md" | sed 's/.*page.md: //')" "$(printf 'nowhere.md: no such file\n#no: no such heading')"
printf '`tools/nowhere.c` `tools/cc-shard.c` `struct no_%s` `err_set`\n' such_thing >"$T/page.md"
is "a path that does not exist" "$(python3 tests/tool/documents.py paths "$T/page.md" | sed 's/.*page.md: //')" "$(printf 'tools/nowhere.c: no such file\nstruct no_%s: not in the sources' such_thing)"
{ printf '## Error messages\n'; for i in $(seq 40); do printf '| `the tar is truncated` | x | y |\n'; done; printf '| `the tart is truncated` | x | y |\n'; } >"$T/page.md"
is "a message that no source contains" "$(python3 tests/tool/error_index.py "$T/page.md" | sort -u)" "the tart is truncated"
done_testing
