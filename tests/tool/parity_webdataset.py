"""Reads shards with webdataset or wids and prints their contents: one JSON line per sample, with the length and hash of each field.
parity_webdataset.py webdataset|wids SHARD..."""
import hashlib
import json
import sys

library, shards = sys.argv[1], sys.argv[2:]


def show(sample):
    fields = {name.lstrip("."): getattr(value, "read", lambda: value)() for name, value in sample.items() if not name.startswith("__")}
    sums = {name: [len(value), hashlib.sha256(value).hexdigest()[:16]] for name, value in sorted(fields.items())}
    print(json.dumps([sample["__key__"], sums], ensure_ascii=False))


if library == "webdataset":
    import webdataset

    try:
        dataset = webdataset.WebDataset(shards, shardshuffle=False)
    except TypeError:
        dataset = webdataset.WebDataset(shards)
    for sample in dataset:
        show(sample)
else:
    import wids

    for shard in shards:
        samples = wids.wids.IndexedTarSamples(path=shard, index_file=None)
        for i in range(len(samples)):
            show(samples[i])
