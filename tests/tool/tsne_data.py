"""Embeddings of three clusters for cc-view tsne, as record streams: tsne_data.py FOLDER writes clean, moved and invalid ones."""
import os
import random
import sys

sys.path.insert(0, os.path.dirname(__file__))
from records import pack  # noqa: E402

NAMES, WIDTH, COUNT = ["cat, \"the\" <pet>", "dog", "crane"], 8, 60
rng = random.Random(4)
centres = [[rng.gauss(0, 1) for _ in range(WIDTH)] for _ in range(2 * len(NAMES))]


def records(prefix, first):
    return [{"__key__": "%s/%03d" % (prefix, i), "cls": i % 3,
             "image.npy": {"f4": [x + rng.gauss(0, .1) for x in centres[first + i % 3]]}} for i in range(COUNT)]


def stream(name, header, items):
    with open(os.path.join(sys.argv[1], name), "wb") as out:
        out.write(b"".join(map(pack, [dict(cc=1, **header)] + items + [{"cc_end": True, "records": len(items)}])))


header = {"model": "m1", "classes": NAMES}
clean, moved = records("a", 0), records("b", 3)
stream("clean", header, clean)
stream("moved", header, moved)
stream("other-model", dict(header, model="m2"), moved)
stream("wide", header, [dict(moved[0], **{"image.npy": {"f4": [1.0] * (WIDTH + 1)}})])
stream("few", header, clean[:30])
stream("bad", header, clean + [{"__key__": "none", "cls": 1}])
stream("far", header, clean[:-1] + [dict(clean[-1], cls=2**62)])
stream("epochs", header, [{"cc_epoch": 0}] + clean + [{"cc_epoch": 1}] + clean)
stream("unlabelled", {}, [{key: r[key] for key in ("__key__", "image.npy")} for r in clean])
