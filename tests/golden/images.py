"""Writes tests/golden/images.def and the files of tests/golden/images/: what Pillow makes of known images.
    build/venv/bin/pip install pillow numpy xxhash && build/venv/bin/python tests/golden/images.py
Made with Pillow 13.0.0.  Earlier versions choose another order of passes for a few of the resizes (image/resize.h)."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
import PIL
import xxhash
from image_reference import *

assert int(PIL.__version__.split(".")[0]) >= 13, "resizes in another order: needs Pillow 13"
here = os.path.dirname(os.path.abspath(__file__))
files = os.path.join(here, "images")
os.makedirs(files, exist_ok=True)
out = open(os.path.join(here, "images.def"), "w")


def entry(macro, first, im):
    hash = xxhash.xxh3_64_intdigest(im.tobytes())
    out.write(f"{macro}({first}, {im.size[0]}, {im.size[1]}, 0x{hash:016x}u)\n")


def operation(name, a, b, c, kind, width, height):
    entry("OPERATION", f'"{name}", {float(a)!r}, {float(b)!r}, {c}, "{kind}", {width}, {height}',
          OPERATIONS[name](paint(width, height, kind), a, b, c))


out.write('/* Made by tests/golden/images.py.  OPERATION(name, a, b, c, kind of image, its width, its height, result\'s width, height,\n'
          ' * XXH3 of its pixels), AUTOAUGMENT(pair, ...) once for each of four signs, FILE(name, ...). */\n')
for kind, width, height in (("noise", 1, 1), ("noise", 3, 2), ("smooth", 17, 11), ("grey", 33, 20), ("flat", 9, 7), ("narrow", 64, 48), ("two", 25, 31)):
    for name in ("invert", "autocontrast", "equalize"):
        operation(name, 0, 0, 0, kind, width, height)
    for bits in (1, 4, 5, 6, 8):
        operation("posterize", bits, 0, 0, kind, width, height)
    for threshold in linspace(255, 0)[2:9:2] + [128, 256]:
        operation("solarize", threshold, 0, 0, kind, width, height)
    for name in ("brightness", "color", "contrast", "sharpness"):
        for factor in (1 - linspace(0, 0.9)[8], 1 - linspace(0, 0.9)[2], 1.0, 1 + linspace(0, 0.9)[7], 2.5):
            operation(name, factor, 0, 0, kind, width, height)
    for angle in (30.0, -30.0, linspace(0, 30)[3], -linspace(0, 30)[8], 90.0, 180.0, 359.5):
        operation("rotate", angle, 0, 0, kind, width, height)
    for slope in (linspace(0, 0.3)[5], -0.3, 0.0):
        operation("shear", slope, 0.0, 0, kind, width, height)
        operation("shear", 0.0, slope, 0, kind, width, height)
    for x, y in ((0, 0), (3, -2), (-40, 5), (100, 0)):
        operation("translate", x, y, 0, kind, width, height)
for width, height, a, b in ((1, 1, 5, 3), (3, 2, 224, 224), (8, 8, 3, 3), (33, 20, 33, 7), (33, 20, 7, 20), (17, 200, 9, 20), (200, 17, 20, 9), (64, 48, 64, 48),
                            (500, 375, 224, 168), (301, 200, 40, 30), (2000, 3, 32, 40), (90, 700, 32, 32), (640, 100, 21, 33), (37, 51, 150, 99)):
    for how in (0, 1, 2):
        operation("resize", a, b, how, "noise", width, height)
for width, height, size in ((500, 375, 224), (375, 500, 224), (100, 133, 32), (32, 32, 32), (31, 47, 64), (1, 9, 8), (120, 400, 30), (225, 224, 224)):
    for how in (0, 1):
        for crop in (0, 2, 3):
            operation("preprocess", size, how, crop, "smooth", width, height)
for pair in range(25):
    for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        entry("AUTOAUGMENT", pair, autoaugment(paint(50, 75, "smooth"), pair, signs))


def file(name, data):
    with open(os.path.join(files, name), "wb") as f:
        f.write(data)
    entry("FILE", f'"{name}"', decode(data))


smooth = paint(61, 45, "smooth")
for sampling, name in ((0, "444"), (1, "422"), (2, "420")):
    file(f"{name}.jpg", make_jpeg(smooth, quality=50, subsampling=sampling))
file("progressive.jpg", make_jpeg(smooth, quality=50, progressive=True))
file("restarts.jpg", make_jpeg(smooth, quality=50, restart_marker_blocks=2))
file("grey.jpg", make_jpeg(smooth, "L", quality=50))
file("cmyk.jpg", make_jpeg(paint(19, 13, "smooth"), "CMYK", quality=50))
file("turned.jpg", make_jpeg(smooth, quality=50, exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"))
file("one.jpg", make_jpeg(paint(1, 1)))
for colours, name, depths in ((0, "grey", (1, 2, 4, 8, 16)), (2, "rgb", (8, 16)), (3, "palette", (1, 4, 8)), (4, "grey-alpha", (8, 16)), (6, "rgba", (8, 16))):
    for depth in depths:
        file(f"{name}{depth}.png", make_png(13, 9, depth, colours, seed=depth, palette=100 if depth == 8 else None, transparent=depth < 16))
for colours, depth in ((0, 1), (0, 16), (2, 8), (3, 4), (6, 16)):
    file(f"interlaced{colours}-{depth}.png", make_png(13, 9, depth, colours, True, depth, transparent=True))
for name, options in (("lossy", {"quality": 30}), ("lossless", {"lossless": True})):
    file(f"{name}.webp", make_webp(smooth, **options))
    file(f"{name}-alpha.webp", make_webp(with_alpha(smooth), exact=True, **options))
file("exif.webp", make_webp(smooth, quality=30, exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"))
file("one.webp", make_webp(paint(1, 1), quality=30))
for kind, maxval, name in ((1, 1, "plain.pbm"), (2, 255, "plain.pgm"), (3, 100, "plain.ppm"), (4, 1, "raw.pbm"), (5, 255, "raw.pgm"), (5, 600, "wide.pgm"),
                           (5, 65535, "raw16.pgm"), (6, 255, "raw.ppm"), (6, 100, "narrow.ppm"), (6, 65535, "raw16.ppm")):
    file(name, make_pnm(kind, 13, 9, maxval, kind, comments=kind < 4 or maxval == 100))
with open(os.path.join(files, "animated.webp"), "wb") as f:  # not one of the FILEs: refused
    f.write(make_webp(paint(9, 7), save_all=True, append_images=[paint(9, 7, "two")], quality=30))
