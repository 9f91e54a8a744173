#!/bin/sh
# Compares with the software that the field uses.  It is installed into build/venv and not needed otherwise: Pillow, open_clip's
# tokenizer, webdataset and wids, NLTK, PyTorch (whose golden files are rebuilt and compared with the committed ones), torchvision,
# transformers, and open_clip's models at full size, which need 8 GB of memory and a long time.  QUICK=1 skips those.
set -eu
cd "$(dirname "$0")/.."
export CC_DATA="${CC_DATA:-../shared/data}" PATH="$PWD/build/bin:$PATH"
pip='build/venv/bin/pip install -q --disable-pip-version-check'

[ -x build/venv/bin/python ] || python3 -m venv build/venv
$pip 'pillow>=13' numpy xxhash msgpack webdataset nltk regex ftfy safetensors
$pip torch==2.13.0
$pip --no-deps open_clip_torch
[ -e build/torchvision ] || $pip --no-deps --target build/torchvision torchvision==0.28.0
[ -e build/transformers ] || $pip --target build/transformers transformers
[ -d build/wids ] || $pip --no-deps --target build/wids webdataset==0.2.111

echo "== Pillow: decoding, resizing, every operation"
build/venv/bin/python tests/parity_images.py
echo "== Pillow: damaged images, what both keep"
build/venv/bin/python tests/parity_damage.py
echo "== PyTorch: the model and ten steps of training, rebuilt"
build/venv/bin/python tests/golden/make_clip.py --check
build/venv/bin/python tests/golden/make_towers.py --check
build/venv/bin/python tests/golden/make_steps.py --check
echo "== open_clip's tokens, webdataset, wids, and every other test that has its peer now"
prove tests/tool/parity-*.t tests/tool/python-filter.t
[ -z "${QUICK:-}" ] || exit 0
echo "== open_clip and transformers: every embedding of models in full size, from every kind of file"
build/venv/bin/python tests/parity_embeddings.py
echo "== open_clip: a step of CleanCLIP in full size, and the trained model given back"
build/venv/bin/python tests/parity_gradients.py
