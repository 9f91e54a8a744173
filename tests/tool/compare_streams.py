"""compare_streams.py A B: checks that both have the same keys in the same order; prints how many records are equal byte for byte and how many are
poisoned in B; fails if a record is neither."""
import io
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tinymsgpack import Unpacker


def records(path):
    file = io.BytesIO(open(path, "rb").read())
    start = 0
    for item in Unpacker(file):
        end = file.tell()
        if "__key__" in item:
            yield item, file.getvalue()[start:end]
        start = end


a, b = list(records(sys.argv[1])), list(records(sys.argv[2]))
assert [r["__key__"] for r, _ in a] == [r["__key__"] for r, _ in b], "other keys"
equal = sum(x == y for (_, x), (_, y) in zip(a, b))
poisoned = sum("poison.json" in r for r, _ in b)
for (before, x), (after, y) in zip(a, b):
    assert x == y or "poison.json" in after, after["__key__"]
    assert before["cls"] == after["cls"] and before["Own"] == after["Own"], after["__key__"]
print(equal, poisoned)
