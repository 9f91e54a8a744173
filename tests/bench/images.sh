#!/bin/sh
# Photographs to what a model takes: libjpeg-turbo alone, ours, Pillow (where build/venv has it).  usage: images.sh [ROUNDS]
cd "$(dirname "$0")/../.." || exit 1
rounds=${1:-4}
photos=${CC_DATA:-../shared/data}/photos/photos.tar
[ -e "$photos" ] || {
	echo "# SKIP photographs: $photos is not there"
	exit 0
}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
tar xf "$photos" -C "$T"
for threads in 1 $(getconf _NPROCESSORS_ONLN); do
	build/bench/bench_images -r "$rounds" -j "$threads" "$T"/*
done
echo "WebP (target: .85 of bare); --fast where photographs are large enough (target: 1.3 of bare)"
build/bench/bench_images -r "$rounds" -e webp:80 "$T"/*
build/bench/bench_images -r "$rounds" -s 112 "$T"/*
build/bench/bench_images -r "$rounds" -t 2 -e jpeg:75 "$T"/*
build/bench/bench_images -r "$rounds" -t 4 -e jpeg:75 "$T"/*
build/bench/bench_images -r "$rounds" -t 4 -e jpeg:90 "$T"/*
[ ! -x build/venv/bin/python ] || build/venv/bin/python - "$T" "$rounds" <<'PYTHON'
import glob, io, sys, time
try:
    import PIL
    from PIL import Image
except ImportError:
    sys.exit("# SKIP Pillow: not in build/venv")
files = [open(name, "rb").read() for name in glob.glob(sys.argv[1] + "/*")]


def preprocess(data, size=224):
    im = Image.open(io.BytesIO(data)).convert("RGB")
    w, h = im.size
    w, h = (size, int(size * h / w)) if w < h else (int(size * w / h), size)
    im = im.resize((w, h), Image.BICUBIC)
    left, top = round((w - size) / 2.0), round((h - size) / 2.0)
    im.crop((left, top, left + size, top + size)).load()


for data in files[:50]:
    preprocess(data)
cpu, wall = time.process_time(), time.perf_counter()
for _ in range(max(1, int(sys.argv[2]) // 2)):
    for data in files:
        preprocess(data)
n = len(files) * max(1, int(sys.argv[2]) // 2)
print(f"  {'Pillow ' + PIL.__version__ + ', one thread':42s} {n / (time.perf_counter() - wall):8.0f} images/s {1e6 * (time.process_time() - cpu) / n:8.1f} us of CPU")
PYTHON
