"""Writes retrieval-lists.jsonl and retrieval-records.jsonl: the same images and captions, in records with several captions each and in
a record for each caption; and retrieval.json: recall as CLIP_benchmark defines it (zeroshot_retrieval.py: a matrix of scores, a matrix
of positive pairs, and whether any positive is among the K best), of which equal scores keep the order of the records."""
import base64
import json
import os

import numpy as np

WIDTH, IMAGES = 8, 14
draw = np.random.default_rng(5)
counts = draw.integers(1, 5, IMAGES)
images = draw.normal(size=(IMAGES, WIDTH)).astype("<f4")
owners = np.repeat(np.arange(IMAGES), counts)
texts = (images[owners] + 1.4 * draw.normal(size=(len(owners), WIDTH))).astype("<f4")
texts[7] = texts[6]


def tensor(array):
    return {"dtype": "<f4", "shape": list(array.shape), "data": {"base64": base64.b64encode(array.tobytes()).decode()}}


def write(name, records):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w") as out:
        for record in [{"cc": 1, "model": "m"}, *records, {"cc_end": True, "records": len(records)}]:
            print(json.dumps(record), file=out)


def recall(scores, positive, k):
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return [int(np.take_along_axis(positive, best, 1).any(1).sum()), len(scores)]


write("retrieval-lists.jsonl", [
    {"__key__": f"image{i}", "image.npy": tensor(images[i]), "text.npy": tensor(texts[owners == i])} for i in range(IMAGES)])
write("retrieval-records.jsonl", [
    {"__key__": f"{j:02}", "url.txt": f"image{i}", "image.npy": tensor(images[i]), "text.npy": tensor(texts[j])}
    for j, i in enumerate(owners)])
scores = texts.astype("f8") @ images.astype("f8").T
positive = owners[:, None] == np.arange(IMAGES)[None]
expected = {}
for k in (1, 5, 10):
    expected[f"image_retrieval_recall@{k}"] = recall(scores, positive, k)
    expected[f"text_retrieval_recall@{k}"] = recall(scores.T, positive.T, k)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "retrieval.json"), "w") as out:
    print(json.dumps(expected), file=out)
