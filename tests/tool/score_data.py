"""Writes embeddings and the expected scores, by a plain count: score_data.py FOLDER."""
import json
import math
import os
import random
import struct
import sys

sys.path.insert(0, os.path.dirname(__file__))
from records import pack  # noqa: E402

CLASSES, WIDTH, IMAGES, TARGET = 12, 8, 90, 3
NAMES = ["airplane", "bird", "cat", "crane", "deer", "dog", "frog", "horse", "ship", "truck", "banana", "crane"]


def unit(rng, near=None):
    v = [rng.gauss(0, 1) + (2 * near[i] if near else 0) for i in range(WIDTH)]
    length = math.sqrt(sum(x * x for x in v))
    return list(struct.unpack("<%df" % WIDTH, struct.pack("<%df" % WIDTH, *(x / length for x in v))))


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def ahead(scores, own):
    return sum(s > scores[own] or (s == scores[own] and i < own) for i, s in enumerate(scores))


def spread(points):
    pairs = [math.exp(-2 * math.dist(a, b) ** 2) for i, a in enumerate(points) for b in points[:i]]
    return math.log(sum(pairs) / len(pairs))


def stream(path, header, records):
    items = [dict(cc=1, **header)] + records + [{"cc_end": True, "records": len(records), "digest": "0" * 31 + "7", "bad": {}}]
    with open(path, "wb") as out:
        out.write(b"".join(pack(item) for item in items))


def head(path, classes):
    """In the format of `cc-train supervised`: the same vectors, with a bias that excludes the first class."""
    numbers = [x for c in classes for x in c] + [-100.0] + [0.0] * (CLASSES - 1)
    weights = 4 * CLASSES * WIDTH
    header = json.dumps({
        "__metadata__": {"classes": json.dumps(NAMES), "features": "raw", "model": "m1"},
        "head.weight": {"dtype": "F32", "shape": [CLASSES, WIDTH], "data_offsets": [0, weights]},
        "head.bias": {"dtype": "F32", "shape": [CLASSES], "data_offsets": [weights, weights + 4 * CLASSES]},
    }).encode()
    header += b" " * (-len(header) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(header)) + header + struct.pack("<%df" % len(numbers), *numbers))


def main(folder):
    rng = random.Random(5)
    classes = [unit(rng) for _ in range(CLASSES)]
    labels = [rng.randrange(CLASSES) for _ in range(IMAGES)]
    images = [unit(rng, classes[label]) for label in labels]
    texts = [images[i - 1] if i % 10 == 1 else unit(rng, images[i]) for i in range(IMAGES)]
    moved = [unit(rng, image) for image in images]
    keys = ["test/%03d" % i for i in range(IMAGES)]

    stream(folder + "/classes", {"model": "m1", "classes": NAMES, "prog": [{"name": "cc-embed", "args": ["--templates", "xxh3:1"]}]},
           [{"__key__": str(i), "cls": i, "txt": NAMES[i], "text.npy": {"f4": classes[i]}} for i in range(CLASSES)])
    clean = [{"__key__": keys[i], "cls": labels[i], "image.npy": {"f4": images[i]}, "text.npy": {"f4": texts[i]}} for i in range(IMAGES)]
    header = {"model": "m1", "classes": NAMES, "prog": [{"name": "cc-shard read", "args": []}, {"name": "cc-augment", "args": ["--size", "32"]}]}
    stream(folder + "/clean", header, clean)
    triggered = [{"__key__": keys[i], "cls": labels[i], "image.npy": {"f4": moved[i]}, "poison.json": {"bin": "{}"}} for i in range(IMAGES)]
    stream(folder + "/triggered", header, triggered)
    stream(folder + "/mixed", header, triggered[:5] + clean[5:])
    stream(folder + "/other-model", dict(header, model="m2"), clean)
    stream(folder + "/no-model", {}, clean)
    stream(folder + "/other-names", dict(header, classes=["plane"] + NAMES[1:]), clean)
    stream(folder + "/fewer-names", dict(header, classes=NAMES[:5]), clean)
    stream(folder + "/label", header, clean[:3] + [dict(clean[3], cls=CLASSES)])
    stream(folder + "/width", header, [dict(clean[0], **{"image.npy": {"f4": [1, 2, 3]}})])
    stream(folder + "/bad", header, [{"__key__": "no-image", "cls": 1}] + clean)
    stream(folder + "/nan", header, clean + [dict(clean[0], **{"__key__": "nan", "image.npy": {"f4": [float("nan")] * WIDTH}})])
    stream(folder + "/none", header, [])
    zero = {"f4": [0.0] * WIDTH}
    stream(folder + "/zero", header, clean + [dict(clean[0], **{"__key__": "zero", "image.npy": zero})])
    stream(folder + "/zero-text", header, clean + [dict(clean[0], **{"__key__": "zero", "text.npy": zero})])
    stream(folder + "/same", header, [dict(record, **{"image.npy": clean[0]["image.npy"]}) for record in clean])
    stream(folder + "/same-triggered", header, [dict(record, **{"image.npy": clean[0]["image.npy"]}) for record in triggered])
    stream(folder + "/no-target", header, [triggered[i] for i in range(IMAGES) if labels[i] != TARGET])
    stream(folder + "/few-classes", header, [clean[i] for i in range(IMAGES) if labels[i] < 4])
    stream(folder + "/far", header, [dict(record, **{"image.npy": {"f4": [100 * x for x in record["image.npy"]["f4"]]}}) for record in clean])
    vectors = {"zero": classes[:2] + [[0.0] * WIDTH] + classes[3:], "nan": classes[:2] + [[float("nan")] * WIDTH] + classes[3:],
               "twice": classes[:7] + [classes[5]] + classes[8:], "same": classes[:1] * CLASSES, "one": classes[:1]}
    for name, rows in vectors.items():
        stream(folder + "/classes-" + name, {"model": "m1", "classes": NAMES[: len(rows)]},
               [{"__key__": str(i), "cls": i, "txt": NAMES[i], "text.npy": {"f4": row}} for i, row in enumerate(rows)])
    stream(folder + "/one-class", {"model": "m1", "classes": NAMES[:1]}, [dict(record, cls=0) for record in clean])
    stream(folder + "/only-target", header, [triggered[i] for i in range(IMAGES) if labels[i] == TARGET])
    stream(folder + "/twice", header, clean + clean[:1])
    stream(folder + "/fewer", header, clean[10:])

    stream(folder + "/raw", dict(header, raw=True), clean)
    head(folder + "/model.head.safetensors", classes)

    def counted(vectors, bias=0):
        scores = [[dot(v, c) + bias * (i == 0) for i, c in enumerate(classes)] for v in vectors]
        return [ahead(scores[i], labels[i]) for i in range(IMAGES)], [s.index(max(s)) for s in scores]

    ranks, _ = counted(images)
    _, predicted = counted(moved)
    others = [i for i in range(IMAGES) if labels[i] != TARGET]
    per_class = [[ranks[i] == 0 for i in range(IMAGES) if labels[i] == c] for c in set(labels)]
    distances = [math.dist(images[i], moved[i]) for i in range(IMAGES)]
    recall = {}
    for task, queries, gallery in ("image", texts, images), ("text", images, texts):
        order = [ahead([dot(q, g) for g in gallery], i) for i, q in enumerate(queries)]
        for k in 1, 5, 10:
            recall["%s_retrieval_recall@%d" % (task, k)] = [sum(r < k for r in order), IMAGES]
    json.dump({
        "head": sum(rank == 0 for rank in counted(images, -100)[0]),
        "zeroshot": {"acc%d" % k: [sum(r < k for r in ranks), IMAGES] for k in (1, 3, 5, 10)},
        "mean_per_class_recall": round(sum(sum(c) / len(c) for c in per_class) / len(per_class), 9),
        "asr": {"asr": [sum(predicted[i] == TARGET for i in others), len(others)],
                "acc1": [sum(predicted[i] == labels[i] for i in others), len(others)]},
        "retrieval": recall,
        "distance": round(sum(distances) / IMAGES, 6),
        "cosine": round(sum(dot(a, b) for a, b in zip(images, moved)) / IMAGES, 6),
        "uniformity": {name: round(1e5 * value) for name, value in (
            ("uniformity", spread(images)), ("text_uniformity", spread(texts)),
            ("alignment", sum(math.dist(a, b) ** 2 for a, b in zip(images, texts)) / IMAGES))},
        "pairs": IMAGES,
        "pair_cosine": round(sum(dot(a, b) for a, b in zip(images, texts)) / IMAGES, 6),
        "hits": [keys[i] for i in others if predicted[i] == TARGET],
        "ranks": ranks,
    }, open(folder + "/expected.json", "w"))


main(sys.argv[1])
