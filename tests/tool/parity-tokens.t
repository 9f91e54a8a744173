#!/bin/sh
# The tokens of CLIP's own merges against open_clip's tokenizer, where both are installed:
#     build/venv/bin/pip install --no-deps open_clip_torch && build/venv/bin/pip install regex ftfy
. "$(dirname "$0")/lib.sh"

python=build/venv/bin/python
$python tests/tool/parity_tokens.py "$T" 2>"$T/err" || skip_all "no open_clip tokenizer in build/venv ($(tail -1 "$T/err"))"
for name in lines garbled; do
	cc-model tokens --vocab "$T/merges" --merges 48894 "$T/$name" >"$T/$name.tokens"
	is "$name: as many" "$(wc -l <"$T/$name.tokens")" "$(wc -l <"$T/$name.expected")"
	ok "$name: the same tokens" cmp "$T/$name.tokens" "$T/$name.expected"
done
is "so many lines" "$(cat "$T"/lines "$T"/garbled | wc -l)" 11000
done_testing
