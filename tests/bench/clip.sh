#!/bin/sh
# ViT-B/32 and RN50 at their real size beside PyTorch and open_clip (where build/venv has them).  usage: clip.sh [ROUNDS [WORD]...]
cd "$(dirname "$0")/../.." || exit 1
[ $# -gt 0 ] || set -- 5
exec python3 tests/bench/clip.py "$@"
