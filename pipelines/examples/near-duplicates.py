"""near-duplicates.py [COSINE]: drops records whose image is nearly the same as an earlier one.

Two images are nearly the same if the cosine of their embeddings is at least COSINE (default 0.95).  Embeddings are kept in memory.

    cc-shard read a.tar | cc-augment -m clip.safetensors | cc-embed -m clip.safetensors --image |
        python3 near-duplicates.py 0.95 | cc-view | jq -r '.__key__ // empty' >unique.keys
    cc-shard read --keys unique.keys a.tar | cc-shard write unique.tar
"""
import sys

import cleanclip
import numpy

limit = float(sys.argv[1]) if len(sys.argv) > 1 else 0.95
kept = numpy.empty((0, 0), "<f4")  # one row per kept record, and spare rows
count = 0


def unique(record):
    global kept, count
    if "image.npy" not in record:
        sys.exit("near-duplicates.py: %s: no image.npy; embed the images with `cc-embed --image` first" % record["__key__"])
    vector = cleanclip.to_array(record["image.npy"])
    vector = vector / numpy.linalg.norm(vector)
    if count and (kept[:count] @ vector).max() >= limit:
        return None
    if count == len(kept):
        kept = numpy.resize(kept, (max(1024, 2 * count), len(vector)))
    kept[count] = vector
    count += 1
    return record


cleanclip.run("near-duplicates.py", unique, sys.argv[1:], drops=True)
