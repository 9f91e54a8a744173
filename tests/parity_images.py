"""Compares every image operation with Pillow's, byte for byte, on generated images and on all real ones available.
    build/venv/bin/python tests/parity_images.py [KERNEL]        (make benches first; KERNEL: plain, avx2, avx512)
Prints one line for each kind of comparison: how many were made and how many differ.  Exits 1 if any differ.
Pillow's wheel brings its own libjpeg-turbo: if it decodes to other pixels, this is reported separately and does not fail."""
import io
import os
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "golden"))
import numpy as np
import PIL
from PIL import Image, features
from image_reference import *

top = os.path.join(os.path.dirname(__file__), "..")
data = os.environ.get("CC_DATA", os.path.join(top, "../shared/data"))
program = os.environ.get("IMAGE_OPS", os.path.join(top, "build/bench/image_ops"))
kernel = sys.argv[1] if len(sys.argv) > 1 else "best"
pillow_12 = ["pillow-12"] if int(PIL.__version__.split(".")[0]) < 13 else []
ours = subprocess.Popen([program, kernel] + pillow_12, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
failed = False


def ask(name, a, b, c, width, height, payload):
    ours.stdin.write(f"{name} {a!r} {b!r} {c!r} {width} {height} {len(payload)}\n".encode() + payload)
    ours.stdin.flush()
    line = ours.stdout.readline().decode()
    if not line:
        raise SystemExit("image_ops is gone")
    if line.startswith("error"):
        return line.strip()
    width, height, size = map(int, line.split())
    return (width, height), ours.stdout.read(size)


def ask_image(name, a, b, c, im):
    return ask(name, a, b, c, im.size[0], im.size[1], im.tobytes())


class Count:
    def __init__(self, what):
        self.what, self.made, self.different, self.first = what, 0, 0, ""

    def compare(self, got, want, where):
        self.made += 1
        if got != (want.size, want.tobytes()):
            self.different += 1
            self.first = self.first or f"  first: {where}" + (f": {got}" if isinstance(got, str) else "")

    def report(self, matters=True):
        global failed
        failed |= matters and self.different > 0
        print(f"{self.what}: {self.made} compared, {self.different} differ{self.first}", flush=True)


def operations():
    sizes = [(1, 1), (3, 2), (2, 3), (1, 7), (9, 1), (3, 3), (17, 11), (64, 48), (131, 97)]
    images = [(f"{kind} {w}x{h}", paint(w, h, kind)) for w, h in sizes for kind in KINDS]
    factors = sorted({1.0 + s * m for m in linspace(0, 0.9) for s in (1, -1)} | {0.0, 0.3, 1.7, 2.5, -0.5})
    angles = sorted({s * m for m in linspace(0, 30) for s in (1, -1)} | {90.0, 180.0, 270.0, 45.5, 359.9, -400.0})
    slopes = sorted({s * m for m in linspace(0, 0.3) for s in (1, -1)})
    parameters = {
        "invert": [(0, 0)], "autocontrast": [(0, 0)], "equalize": [(0, 0)],
        "posterize": [(b, 0) for b in range(1, 9)],
        "solarize": [(t, 0) for t in linspace(255, 0) + [128, 0.5, 256, 300]],
        "rotate": [(a, 0) for a in angles],
        "shear": [(s, 0.0) for s in slopes] + [(0.0, s) for s in slopes],
        "translate": [(x, y) for x in (-200, -5, 0, 3) for y in (-2, 0, 1, 90)],
    }
    parameters.update({name: [(f, 0) for f in factors] for name in ("brightness", "color", "contrast", "sharpness")})
    for name, values in parameters.items():
        count = Count(name)
        for where, im in images:
            for a, b in values:
                count.compare(ask_image(name, a, b, 0, im), OPERATIONS[name](im, a, b, 0), f"{where} {a} {b}")
        count.report()


def policies():
    count = Count("autoaugment, all 25 pairs, both signs")
    for w, h in ((32, 32), (131, 97), (50, 75)):
        im = paint(w, h, "smooth")
        for policy in range(25):
            wanted = {autoaugment(im, policy, (s, t)).tobytes() for s in (1, -1) for t in (1, -1)}
            seen = set()
            for seed in range(24):
                got = ask_image(f"autoaugment:policy={policy}", seed, 0, 0, im)
                seen.add(got[1])
            count.made += len(wanted)
            if seen != wanted:
                count.different += 1
                count.first = count.first or f"  first: pair {policy} on {w}x{h}: {len(seen)} results, {len(wanted)} wanted"
    count.report()


def resizes():
    rng = np.random.default_rng(7)
    count = Count("resize, random sizes, three filters")
    sides = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100, 224, 301, 500, 1201]
    for _ in range(1500):
        w, h, a, b = (int(v) for v in rng.choice(sides, 4))
        im, how = paint(w, h, KINDS[rng.integers(0, 2)]), int(rng.integers(0, 3))
        count.compare(ask_image("resize", a, b, how, im), OPERATIONS["resize"](im, a, b, how), f"{w}x{h} to {a}x{b} filter {how}")
    count.report()
    count = Count("preprocess, random sizes")
    for _ in range(500):
        w, h = (int(v) for v in rng.integers(1, 600, 2))
        size, how, crop = int(rng.choice([1, 32, 64, 224])), int(rng.integers(0, 3)), int(rng.choice([0, 2, 3]))
        if crop == 3 and round(min(w, h) * size / max(w, h)) == 0:
            continue
        im = paint(w, h, "smooth")
        count.compare(ask_image("preprocess", size, how, crop, im), preprocess(im, size, how, crop), f"{w}x{h} to {size}, {how}, {crop}")
    count.report()


def torchvision_itself():
    """What image_reference.py repeats of torchvision, and ours, against torchvision's own transforms."""
    sys.path.append(os.path.join(top, "tests"))
    from parity_peer import open_clip

    repeated, ours = Count("preprocess as image_reference.py has it against open_clip's own transform"), Count("our preprocess against open_clip's own transform")
    rng = np.random.default_rng(9)
    names = ("bicubic", "bilinear")
    for _ in range(400):
        w, h = (int(v) for v in rng.integers(1, 700, 2))
        size, how, crop = int(rng.choice([32, 63, 224])), int(rng.integers(0, 2)), int(rng.choice([0, 0, 2]))
        config = open_clip.transform.PreprocessCfg(size=size, interpolation=names[how], resize_mode="squash" if crop else "shortest")
        until_tensor = open_clip.transform.image_transform_v2(config, is_train=False).transforms[:-2]
        im = wanted = paint(w, h, "smooth")
        for transform in until_tensor:
            wanted = transform(wanted)
        where = f"{w}x{h} to {size}, {how}, {crop}"
        mine = preprocess(im, size, how, crop)
        repeated.compare((mine.size, mine.tobytes()), wanted, where)
        ours.compare(ask_image("preprocess", size, how, crop, im), wanted, where)
    repeated.report()
    ours.report()


def codecs():
    count = Count("PNG, all kinds")
    kinds = [(0, d) for d in (1, 2, 4, 8, 16)] + [(3, d) for d in (1, 2, 4, 8)] + [(c, d) for c in (2, 4, 6) for d in (8, 16)]
    for colours, depth in kinds:
        for width, height in ((1, 1), (5, 3), (33, 18)):
            for interlaced in (False, True):
                for transparent in (False, True):
                    palette = 3 if depth > 2 and width == 5 else None
                    png = make_png(width, height, depth, colours, interlaced, width + depth, palette, transparent)
                    count.compare(ask("decode", 0, 0, 0, 0, 0, png), decode(png), f"{colours} {depth} {width}x{height} {interlaced}")
    count.report()
    count = Count("JPEG, made ones: grey, CMYK, progressive, all samplings")
    parts = Count("JPEG, made ones, decoded in part and cropped")
    for w, h in ((1, 1), (7, 5), (16, 16), (17, 33), (129, 65), (64, 500), (500, 64), (301, 200)):
        for mode in ("L", "RGB", "CMYK"):
            for progressive in (False, True):
                for sampling in (0, 1, 2) if mode == "RGB" else (0,):
                    for restart in (0, 1):
                        jpeg = make_jpeg(paint(w, h, "smooth"), mode, quality=85, progressive=progressive, subsampling=sampling,
                                         restart_marker_rows=restart)
                        where = f"{mode} {w}x{h} {'progressive' if progressive else ''} sampling {sampling}"
                        count.compare(ask("decode", 0, 0, 0, 0, 0, jpeg), decode(jpeg), where)
                        for size in (1, 16, 64):
                            parts.compare(ask("decode_preprocess", size, 0, 0, 0, 0, jpeg), preprocess(decode(jpeg), size), f"{where} to {size}")
    count.report(matters=False)
    parts.report(matters=False)


def members(name):
    path = os.path.join(data, name)
    if not os.path.exists(path):
        print(f"# SKIP {name}: not in {data}")
        return
    with tarfile.open(path) as tar:
        for member in tar:
            if member.isfile():
                yield member.name, tar.extractfile(member).read()


def real():
    for name, size in (("photos/photos.tar", 224), ("cifar10/test.tar", 64), ("cifar10/train.tar", 24)):
        whole, same = Count(f"{name}, decoded (Pillow's libjpeg-turbo against ours)"), Count(f"{name}, Pillow's decode to {size}, both preprocess")
        all_of_it = Count(f"{name}, our decode in part + preprocess against our whole decode + Pillow's preprocess")
        pillow = Count(f"{name}, our decode in part + preprocess against Pillow's decode + preprocess")
        for where, jpeg in members(name):
            theirs = decode(jpeg)
            got = ask("decode", 0, 0, 0, 0, 0, jpeg)
            whole.compare(got, theirs, where)
            wanted = preprocess(theirs, size)
            same.compare(ask_image("preprocess", size, 0, 0, theirs), wanted, where)
            mine = ask("decode_preprocess", size, 0, 0, 0, 0, jpeg)
            all_of_it.compare(mine, preprocess(Image.frombytes("RGB", *got), size), where)
            pillow.compare(mine, wanted, where)
        if whole.made:
            whole.report(matters=False)
            same.report()
            all_of_it.report()
            pillow.report(matters=False)


print(f"Pillow {PIL.__version__} with libjpeg-turbo {features.version('libjpeg_turbo')}; our kernel: {kernel} {' '.join(pillow_12)}")
operations()
policies()
resizes()
torchvision_itself()
codecs()
real()
sys.exit(failed)
