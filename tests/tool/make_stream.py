"""make_stream.py COUNT [OPTION]...: a record stream of small pictures, for tests.

png (default) or rgb: what the images are; no-count: a header without `records`; no-header: neither it nor the tail; no-txt: no captions;
no-classes; bad=K: record K's image is damaged; size=WxH; epochs=E; skip=K: the first record is number K."""
import os
import signal
import struct
import sys
import zlib

sys.path.insert(0, os.path.dirname(__file__))
from tinymsgpack import packb

signal.signal(signal.SIGPIPE, signal.SIG_DFL)

NAMES = ["cat", "dog", "ship"]
options = dict(o.partition("=")[::2] for o in sys.argv[2:])
count, first, epochs = int(sys.argv[1]), int(options.get("skip", 0)), int(options.get("epochs", 1))
width, height = map(int, options.get("size", "12x10").split("x"))


def pixels(k):
    return bytes((x * 7 + y * 13 + c * 50 + k * 29) % 256 for y in range(height) for x in range(width) for c in range(3))


def png(k):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    data = pixels(k)
    rows = b"".join(b"\0" + data[y * width * 3 : (y + 1) * width * 3] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def record(k):
    r = {"__key__": "set/%s/%04d" % (NAMES[k % 3], k), "cls": k % 3, "Own": {"kept": [k, 2.5, None, b"\0\xff"]}}
    if "no-txt" not in options:
        r["txt"] = "a photo of a %s, number %d" % (NAMES[k % 3], k)
    if "rgb" in options:
        r["rgb.npy"] = {"dtype": "|u1", "shape": [height, width, 3], "data": pixels(k)}
    else:
        r["png"] = png(k)
    if options.get("bad") == str(k):
        r["png"] = r["png"][:50]
    return r


out = sys.stdout.buffer
header = {"cc": 1, "records": count, "classes": NAMES, "prog": [{"name": "make_stream", "version": "1", "seed": 0, "args": []}]}
if "no-count" in options:
    del header["records"]
if "no-classes" in options:
    del header["classes"]
if epochs > 1:
    header["epochs"] = epochs
if "no-header" not in options:
    out.write(packb(header))
for epoch in range(epochs):
    if "no-header" not in options:
        out.write(packb({"cc_epoch": epoch}))
    for k in range(first, first + count):
        out.write(packb(record(k)))
if "no-header" not in options:
    out.write(packb({"cc_end": True, "records": epochs * count}))
