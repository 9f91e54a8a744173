#!/bin/sh
# Every configuration in open_clip's package, if it and PyTorch are installed in build/venv: see parity_configs.py.
. "$(dirname "$0")/lib.sh"

python=build/venv/bin/python
$python -c 'import torch, sys; sys.path.insert(0, "tests/golden"); import open_clip_model' 2>"$T/err" ||
	skip_all "no PyTorch and open_clip in build/venv ($(tail -1 "$T/err"))"
$python tests/tool/parity_configs.py >"$T/out" 2>"$T/err"
sed 's/^/# /' "$T/out"
ok "each is accepted with open_clip's own parameters, or refused with the name of the unsupported setting" grep -q ', 0 wrong$' "$T/out"
ok "at least forty are accepted" [ "$(tail -1 "$T/out" | cut -d' ' -f1)" -ge 40 ]
ok "at least thirty are known by name" [ "$(tail -2 "$T/out" | head -1 | cut -d' ' -f1)" -ge 30 ]
done_testing
