#!/bin/sh
# Compares with what the field uses, installed into build/venv and never needed otherwise: Pillow, open_clip's tokenizer,
# webdataset and wids, NLTK, PyTorch (whose goldens are made anew and compared with the committed ones).
set -eu
cd "$(dirname "$0")/.."
export CC_DATA="${CC_DATA:-../shared/data}" PATH="$PWD/build/bin:$PATH"
pip='build/venv/bin/pip install -q --disable-pip-version-check'

[ -x build/venv/bin/python ] || python3 -m venv build/venv
$pip 'pillow>=13' numpy xxhash msgpack webdataset nltk regex ftfy safetensors
$pip torch==2.13.0
$pip --no-deps open_clip_torch
[ -d build/wids ] || $pip --no-deps --target build/wids webdataset==0.2.111

echo "== Pillow: decoding, resizing, every operation"
build/venv/bin/python tests/parity_images.py
echo "== PyTorch: the model and ten steps of training, made anew"
build/venv/bin/python tests/golden/make_clip.py --check
echo "== open_clip's tokens, webdataset, wids, and every other test that has its peer now"
prove tests/tool/parity-*.t tests/tool/python-filter.t
