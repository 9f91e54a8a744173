"""train_stream.py COUNT [OPTION]...: records as cc-augment writes them, of three classes that differ in colour.

side=N (12); epochs=E; says=N, says-epochs=E: what the header claims instead; aug: both views; no-count, no-classes: a header
without them; no-rgb=K, no-txt=K, no-aug=K, cls=K: record K lacks its pixels, caption, augmented view, or has the class 7; cut=K: ends before record K; digest; poison=K,L..: those have a ledger."""
import os
import random
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tinymsgpack import packb

NAMES = ["red", "green", "blue"]
options = dict(o.partition("=")[::2] for o in sys.argv[2:])
count, side, epochs = int(sys.argv[1]), int(options.get("side", 12)), int(options.get("epochs", 1))


def pixels(k, shade):
    noise = random.Random(f"{k} {shade}")
    return bytes(min(255, noise.randrange(shade) + (130 if c == k % 3 else 0)) for _ in range(side * side) for c in range(3))


def record(k):
    def tensor(shade):
        return {"dtype": "|u1", "shape": [side, side, 3], "data": pixels(k, shade)}

    def but(name):
        return options.get(name) != str(k)

    r = {"__key__": f"{NAMES[k % 3]}/{k:04}", "cls": k % 3 if but("cls") else 7}
    if but("no-rgb"):
        r["rgb.npy"] = tensor(100)
    if but("no-txt"):
        r["txt"] = f"a photo of a {NAMES[k % 3]} thing"
    if str(k) in options.get("poison", "").split(","):
        r["poison.json"] = b"{}"
    if "aug" in options and but("no-aug"):
        r["aug.rgb.npy"] = tensor(120)
        r["aug.txt"] = f"photo of a {NAMES[k % 3]} thing"
    return r


def write(o):
    sys.stdout.buffer.write(packb(o))


header = {"cc": 1, "records": int(options.get("says", count)), "epochs": int(options.get("says-epochs", epochs)),
          "classes": NAMES, "prog": [{"name": "train_stream", "version": "1"}]}
if "no-count" in options:
    del header["records"]
if "no-classes" in options:
    del header["classes"]
write(header)
for epoch in range(epochs):
    write({"cc_epoch": epoch})
    for k in range(count):
        if options.get("cut") == str(k):
            sys.exit()
        write(record(k))
write({"cc_end": True, "records": epochs * count, "digest": "00112233445566778899aabbccddeeff"})
