"""Writes tests/golden/alpha.def: the PNGs and WebPs of tests/golden/images on white, as Pillow composites them.
    build/venv/bin/pip install pillow xxhash && build/venv/bin/python tests/golden/alpha.py"""
import glob
import os

import xxhash
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "alpha.def"), "w") as out:
    out.write("/* Made by tests/golden/alpha.py.  ON_WHITE(name of the file, XXH3 of its pixels on white) */\n")
    for path in sorted(glob.glob(os.path.join(here, "images", "*.png")) + glob.glob(os.path.join(here, "images", "*a.webp"))):
        im = Image.open(path)
        depth = open(path, "rb").read(25)[24]
        if im.mode == "L" and depth < 8 and "transparency" in im.info:  # Pillow forgets to scale it as it scales the pixels
            im.info["transparency"] = im.info["transparency"] * 255 // ((1 << depth) - 1)
        if not im.mode.startswith("I"):  # 16-bit grey: Pillow knows no transparency there
            white = Image.new("RGBA", im.size, (255, 255, 255, 255))
            im = Image.alpha_composite(white, im.convert("RGBA"))
        hash = xxhash.xxh3_64_intdigest(im.convert("RGB").tobytes())
        out.write(f'ON_WHITE("{os.path.basename(path)}", 0x{hash:016x}u)\n')
