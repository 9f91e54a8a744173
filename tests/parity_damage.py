"""Damages images in many ways and compares the pixels of our decoder with those of Pillow.
    build/venv/bin/python tests/parity_damage.py        (make benches first)
An image that we keep must have Pillow's pixels.  Pillow keeps more: it ignores libjpeg's warnings and PNG's checksums.  It
also refuses some whose pixels are all there: see the names below.  Exits 1 if any pixels differ."""
import io
import glob
import os
import struct
import subprocess
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "golden"))
import numpy as np
from image_reference import *

top = os.path.join(os.path.dirname(__file__), "..")
ours = subprocess.Popen([os.path.join(top, "build/bench/image_ops"), "best"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def our_pixels(data):
    ours.stdin.write(f"decode 0 0 0 0 0 {len(data)}\n".encode() + data)
    ours.stdin.flush()
    line = ours.stdout.readline().decode()
    if line.startswith("error"):
        return line.strip()
    return ours.stdout.read(int(line.split()[2]))


def their_pixels(data):
    try:
        return decode(data).tobytes()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def png_variants(data):
    start = data.index(b"IDAT") - 4
    size = struct.unpack(">I", data[start : start + 4])[0]
    end = start + 12 + size
    pixels = data[start + 8 : start + 8 + size]
    text = chunk(b"tEXt", b"a\0b")[:-1] + b"?"
    yield "trailing bytes", data + b"junk"
    yield "no IEND", data[:-12]
    yield "wrong CRC of IEND", data[:-1] + b"?"
    yield "no CRC of IDAT", data[: end - 4]
    yield "no Adler-32", data[: end - 8]
    yield "wrong CRC of IDAT", data[: end - 4] + b"abcd" + data[end:]
    yield "wrong Adler-32", data[:start] + chunk(b"IDAT", pixels[:-1] + b"?") + data[end:]
    yield "wrong CRC and Adler-32", data[:start] + chunk(b"IDAT", pixels[:-1] + b"?")[:-1] + b"?" + data[end:]
    yield "wrong CRC of tEXt before IDAT", data[:start] + text + data[start:]
    yield "wrong CRC of tEXt after IDAT", data[:end] + text + data[end:]
    yield "pixels in pieces of one byte", data[:start] + b"".join(chunk(b"IDAT", pixels[i : i + 1]) for i in range(size)) + data[end:]
    yield "a huge zTXt", data[:start] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**8))) + data[start:]
    yield "a huge iCCP", data[:start] + chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(10**6))) + data[start:]


def jpeg_variants(data):
    yield "trailing bytes", data + b"junk"
    yield "no EOI", data[:-2]
    yield "zeros before EOI", data[:-2] + bytes(40) + data[-2:]
    yield "fill bytes before EOI", data[:-2] + b"\xff" * 40 + data[-2:]
    yield "other bytes before EOI", data[:-2] + b"junk" * 10 + data[-2:]
    yield "bytes between segments", data[:20] + b"junk" + data[20:]
    yield "a huge comment", data[:20] + (b"\xff\xfe\xff\xff" + bytes(65533)) * 200 + data[20:]
    yield "JFIF 9.9", data.replace(b"JFIF\0\1\1", b"JFIF\0\x09\x09", 1)
    yield "half and EOI", data[: len(data) // 2] + b"\xff\xd9"


def webp_variants(data):
    yield "trailing bytes", data + b"junk"
    yield "a longer RIFF", data[:4] + struct.pack("<I", len(data)) + data[8:]
    yield "a truncated chunk after the pixels", data[:4] + struct.pack("<I", len(data)) + data[8:] + b"EXIF\x10\0\0\0abc"


def ppm_variants(data):
    yield "trailing bytes", data + b"1 2 3 junk"


def damaged(data, rng):
    kind = png_variants if data[1:4] == b"PNG" else jpeg_variants if data[:2] == b"\xff\xd8" else webp_variants if data[:4] == b"RIFF" else ppm_variants
    yield from kind(data)
    for size in range(len(data)):
        yield "a cut", data[:size]
    for _ in range(400):
        copy = bytearray(data)
        for at in rng.integers(3, len(copy), int(rng.integers(1, 4))):
            copy[at] ^= 1 << int(rng.integers(0, 8))
        yield "flipped bits", bytes(copy)


counts, failed = {}, False
rng = np.random.default_rng(3)
for path in sorted(glob.glob(os.path.join(top, "tests/golden/images/*"))):
    data = open(path, "rb").read()
    for how, bytes_ in damaged(data, rng):
        mine, theirs = our_pixels(bytes_), their_pixels(bytes_)
        kept = (isinstance(mine, bytes), isinstance(theirs, bytes))
        row = counts.setdefault((path.rsplit(".", 1)[1], how), {"both": 0, "neither": 0, "ours alone": 0, "Pillow alone": 0, "differ": 0})
        row[{(True, True): "both", (False, False): "neither", (True, False): "ours alone", (False, True): "Pillow alone"}[kept]] += 1
        if kept == (True, True) and mine != theirs:
            row["differ"] += 1
            if "-v" in sys.argv and row["differ"] < 3:
                print(path, how)
        if "-v" in sys.argv and kept[0] != kept[1] and row["ours alone"] + row["Pillow alone"] < 4:
            print(path, how, *(p for p in (mine, theirs) if isinstance(p, str)))
for (ending, how), row in sorted(counts.items()):
    print(f"{ending}, {how}: " + ", ".join(f"{name} {n}" for name, n in row.items() if n))
    failed |= row["differ"] > 0
sys.exit(failed)
