"""What image operations are by definition: Pillow's own functions, put together as torchvision's transforms put them together on
PIL images (its formulas, written down here because torchvision need not be installed).  Needs pillow and numpy."""
import io
import math
import struct
import zlib

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

FILTERS = [Image.BICUBIC, Image.BILINEAR, Image.BOX]


def paint(width, height, kind="noise"):
    """The images of tests/unit/test_image.c: made of whole numbers alone."""
    i = np.arange(width * height * 3, dtype=np.uint64)
    noise = (i * 2654435761 % 2**32 >> 13) & 255
    x, y, c = i // 3 % width, i // 3 // width, i % 3
    if kind == "noise":
        v = noise
    elif kind == "smooth":
        v = (x * 255 // max(1, width - 1) + y * (c + 1) * 90 // max(1, height - 1) + noise // 32) // 2 % 256
    elif kind == "grey":
        v = ((i // 3) * 2654435761 % 2**32 >> 13) & 255
    elif kind == "flat":
        v = 40 + 70 * c
    elif kind == "narrow":
        v = 100 + noise // 8
    elif kind == "two":
        v = np.where(noise < 200, 30, 220)
    return Image.fromarray(v.astype(np.uint8).reshape(height, width, 3))


KINDS = ["noise", "smooth", "grey", "flat", "narrow", "two"]


def resize_shorter(im, size, how):
    """torchvision.transforms.functional.resize with one number."""
    w, h = im.size
    if (w <= h and w == size) or (h <= w and h == size):
        return im
    return im.resize((size, int(size * h / w)) if w < h else (int(size * w / h), size), how)


def center_crop(im, size):
    w, h = im.size
    top, left = int(round((h - size) / 2.0)), int(round((w - size) / 2.0))
    return im.crop((left, top, left + size, top + size))


def fit_longer(im, size, how, fill):
    """open_clip's "longest": its ResizeKeepRatio and CenterCropOrPad."""
    ratio = max(im.size[0] / size, im.size[1] / size)
    im = im.resize([round(x / ratio) for x in im.size], how)
    left, top = ((size - x) // 2 for x in im.size)
    right, bottom = ((size - x + 1) // 2 for x in im.size)
    return ImageOps.expand(im, (left, top, right, bottom), (fill,) * 3)


def preprocess(im, size, how=0, crop=0, fill=77):
    if crop == 3:
        return fit_longer(im, size, FILTERS[how], fill)
    if crop == 2:
        return im.resize((size, size), FILTERS[how])
    return center_crop(resize_shorter(im, size, FILTERS[how]), size)


def affine(im, translate=(0, 0), shear=(0.0, 0.0), center=None):
    """torchvision.transforms.functional.affine without rotation and scale, fill 0."""
    cx, cy = center or (im.size[0] * 0.5, im.size[1] * 0.5)
    tx, ty = translate
    sx, sy = (math.radians(s) for s in shear)
    a = math.cos(-sy) / math.cos(sy)
    b = -math.cos(-sy) * math.tan(sx) / math.cos(sy) - math.sin(0.0)
    c = math.sin(-sy) / math.cos(sy)
    d = -math.sin(-sy) * math.tan(sx) / math.cos(sy) + math.cos(0.0)
    m = [d, -b, 0.0, -c, a, 0.0]
    m[2] += m[0] * (-cx - tx) + m[1] * (-cy - ty)
    m[5] += m[3] * (-cx - tx) + m[4] * (-cy - ty)
    m[2] += cx
    m[5] += cy
    return im.transform(im.size, Image.AFFINE, m, Image.NEAREST, fillcolor=(0, 0, 0))


def shear(im, x, y):
    return affine(im, shear=(math.degrees(math.atan(x)), math.degrees(math.atan(y))), center=(0, 0))


OPERATIONS = {
    "invert": lambda im, a, b, c: ImageOps.invert(im),
    "posterize": lambda im, a, b, c: ImageOps.posterize(im, int(a)),
    "solarize": lambda im, a, b, c: ImageOps.solarize(im, a),
    "autocontrast": lambda im, a, b, c: ImageOps.autocontrast(im),
    "equalize": lambda im, a, b, c: ImageOps.equalize(im),
    "brightness": lambda im, a, b, c: ImageEnhance.Brightness(im).enhance(a),
    "color": lambda im, a, b, c: ImageEnhance.Color(im).enhance(a),
    "contrast": lambda im, a, b, c: ImageEnhance.Contrast(im).enhance(a),
    "sharpness": lambda im, a, b, c: ImageEnhance.Sharpness(im).enhance(a),
    "rotate": lambda im, a, b, c: im.rotate(a, Image.NEAREST, False, None, fillcolor=(0, 0, 0)),
    "shear": lambda im, a, b, c: shear(im, a, b),
    "translate": lambda im, a, b, c: affine(im, translate=(int(a), int(b))),
    "resize": lambda im, a, b, c: im.resize((int(a), int(b)), FILTERS[int(c)]),
    "preprocess": lambda im, a, b, c: preprocess(im, int(a), int(b), int(c)),
}


def linspace(first, last, bins=10):
    """torch.linspace in float32."""
    first, last = np.float32(first), np.float32(last)
    step = (last - first) / np.float32(bins - 1)
    return [float(first + step * np.float32(i) if i < bins // 2 else last - step * np.float32(bins - 1 - i)) for i in range(bins)]


AUTOAUGMENT = """
Posterize .4 8, Rotate .6 9 | Solarize .6 5, AutoContrast .6 | Equalize .8, Equalize .6 | Posterize .6 7, Posterize .6 6 |
Equalize .4, Solarize .2 4 | Equalize .4, Rotate .8 8 | Solarize .6 3, Equalize .6 | Posterize .8 5, Equalize 1 |
Rotate .2 3, Solarize .6 8 | Equalize .6, Posterize .4 6 | Rotate .8 8, Color .4 0 | Rotate .4 9, Equalize .6 |
Equalize 0, Equalize .8 | Invert .6, Equalize 1 | Color .6 4, Contrast 1 8 | Rotate .8 8, Color 1 2 |
Color .8 8, Solarize .8 7 | Sharpness .4 7, Invert .6 | ShearX .6 5, Equalize 1 | Color .4 0, Equalize .6 |
Equalize .4, Solarize .2 4 | Solarize .6 5, AutoContrast .6 | Invert .6, Equalize 1 | Color .6 4, Contrast 1 8 |
Equalize .8, Equalize .6"""


def magnitude(operation, bin):
    bits = [8 - round(i / (9 / 4)) for i in range(10)]
    enhance, rotate, slope = linspace(0, 0.9), linspace(0, 30), linspace(0, 0.3)
    table = {"Posterize": bits, "Solarize": linspace(255, 0), "Rotate": rotate, "ShearX": slope}
    return table.get(operation, enhance)[bin]


def autoaugment(im, policy, signs=(1, 1)):
    """One of the 25 pairs, both steps done, with those signs."""
    for step, sign in zip(AUTOAUGMENT.split("|")[policy].split(","), signs):
        name, _, *bin = step.split()
        m = magnitude(name, int(bin[0])) if bin else 0.0
        if name in ("Posterize", "Solarize"):
            sign = 1
        if name == "ShearX":
            im = shear(im, sign * m, 0.0)
        elif name in ("Color", "Contrast", "Sharpness"):
            im = OPERATIONS[name.lower()](im, 1.0 + sign * m, 0, 0)
        else:
            im = OPERATIONS[name.lower()](im, sign * m, 0, 0)
    return im


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def make_png(width, height, depth, colours, interlaced=False, seed=1, palette=None, transparent=False):
    """A PNG of any kind, with noise in it."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colours]
    rng = np.random.default_rng(seed)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = b""
    for x0, y0, dx, dy in passes if interlaced else [(0, 0, 1, 1)]:
        columns, rows = -(-(width - x0) // dx), -(-(height - y0) // dy)
        if columns <= 0:
            continue
        for _ in range(rows):
            size = (columns * channels * depth + 7) // 8
            raw += bytes([rng.integers(0, 5)]) + rng.integers(0, 256, size, dtype=np.uint8).tobytes()
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, int(interlaced)))
    out += chunk(b"gAMA", struct.pack(">I", 30000))
    if colours == 3:
        out += chunk(b"PLTE", rng.integers(0, 256, 3 * (palette or 1 << depth), dtype=np.uint8).tobytes())
    if transparent and colours in (0, 2, 3):
        out += chunk(b"tRNS", {0: b"\0\1", 2: b"\0\1\0\2\0\3", 3: b"\0\x80"}[colours])
    return out + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def make_jpeg(im, mode="RGB", **options):
    out = io.BytesIO()
    im.convert(mode).save(out, "JPEG", **options)
    return out.getvalue()


def make_webp(im, **options):
    out = io.BytesIO()
    im.save(out, "WEBP", **options)
    return out.getvalue()


def with_alpha(im):
    """Its own colours, and all degrees of transparency, whole areas of none and of all."""
    alpha = paint(*im.size, "smooth").getchannel(0).point(lambda v: min(255, max(0, 4 * v - 200)))
    im = im.copy()
    im.putalpha(alpha)
    return im


def make_pnm(kind, width, height, maxval=255, seed=1, comments=False):
    """P1 to P6 with noise in it, of values from 0 to maxval."""
    channels = 3 if kind in (3, 6) else 1
    values = np.random.default_rng(seed).integers(0, maxval + 1 if kind not in (1, 4) else 2, width * height * channels)
    comment = "# 1 2 3\n" if comments else ""
    header = f"P{kind}\n{comment}{width} \t{comment}{height}\n" + (f"{comment}{maxval}\n" if kind not in (1, 4) else "")
    if kind == 1:
        data = (comment + "").join(str(v) for v in values).encode() + b"\n"
    elif kind == 4:
        data = np.packbits(values.reshape(height, width).astype(np.uint8), axis=1).tobytes()
    elif kind < 4:
        data = (" " + comment).join(str(v) for v in values).encode() + b"\n"
    else:
        data = values.astype(">u2" if maxval > 255 else np.uint8).tobytes()
    return header.encode() + data


def decode(data):
    return Image.open(io.BytesIO(data)).convert("RGB")
