#!/bin/sh
# The tokens of CLIP's own merges against open_clip's tokenizer, where both are installed:
#     build/venv/bin/pip install --no-deps open_clip_torch && build/venv/bin/pip install regex ftfy
. "$(dirname "$0")/lib.sh"

python=build/venv/bin/python
$python tests/tool/parity_tokens.py "$T" 2>"$T/err" || skip_all "no open_clip tokenizer in build/venv ($(tail -1 "$T/err"))"
cc-model tokens --vocab "$T/merges" --merges 48894 "$T/lines" >"$T/tokens"
is "as many lines" "$(wc -l <"$T/tokens")" "$(wc -l <"$T/expected")"
ok "the same tokens" cmp "$T/tokens" "$T/expected"
done_testing
