#!/bin/sh
# Tokens of CLIP's own vocabulary against open_clip's tokenizer and ftfy, if both are installed:
#     build/venv/bin/pip install --no-deps open_clip_torch && build/venv/bin/pip install regex ftfy
# 100,000 strings, half of them mojibake of every kind; set LINES and SEED to change that.
. "$(dirname "$0")/lib.sh"

: "${LINES:=100000}"
export LINES
python=build/venv/bin/python
$python tests/tool/parity_tokens.py "$T" 2>"$T/err" || skip_all "no open_clip tokenizer in build/venv ($(tail -1 "$T/err"))"
for name in lines garbled; do
	cc-model tokens --vocab "$T/merges" --merges 48894 "$T/$name" >"$T/$name.tokens"
	is "$name: the number of lines is the same" "$(wc -l <"$T/$name.tokens")" "$(wc -l <"$T/$name.expected")"
done
cat "$T/lines" "$T/garbled" >"$T/texts"
cat "$T/lines.tokens" "$T/garbled.tokens" >"$T/tokens"
cat "$T/lines.expected" "$T/garbled.expected" >"$T/expected"
differing=$(paste -d '|' "$T/tokens" "$T/expected" | awk -F '|' '$1 != $2' | wc -l)
echo "# $differing of $(wc -l <"$T/texts") strings have other tokens"
is "every string has the same tokens" "$differing" 0
is "number of strings" "$(wc -l <"$T/texts")" "$LINES"
done_testing
