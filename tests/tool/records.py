"""JSON lines -> record stream, for tests.  {"f4": [..]} is a tensor of that list, {"bin": "text"} are bytes."""
import json
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tinymsgpack import packb


def plain(value):
    if not isinstance(value, dict):
        return value
    if list(value) == ["f4"]:
        numbers = [float(number) for number in value["f4"]]
        return {"dtype": "<f4", "shape": [len(numbers)], "data": struct.pack("<%df" % len(numbers), *numbers)}
    if list(value) == ["bin"]:
        return value["bin"].encode()
    return {key: plain(inner) for key, inner in value.items()}


def pack(item):
    return packb(plain(item))


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.buffer.write(pack(json.loads(line)))
