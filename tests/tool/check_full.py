"""check_full.py STREAM JSONL: checks that the lines of `cc-view --full` represent the stream exactly."""
import base64
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tinymsgpack import Unpacker


def decode(value):
    if isinstance(value, dict):
        if list(value) == ["base64"]:
            return base64.b64decode(value["base64"], validate=True)
        return {k: decode(v) for k, v in value.items()}
    return [decode(v) for v in value] if isinstance(value, list) else value


def restore(line):
    """A JSON field is printed as JSON; its bytes are added if a plain writer would give others."""
    for name, text in line.pop("__json__", {}).items():
        line[name] = (json.dumps(line[name], ensure_ascii=False) if text is None else text).encode()
    return line


items = list(Unpacker(open(sys.argv[1], "rb")))
lines = [restore(decode(json.loads(line))) for line in open(sys.argv[2], encoding="utf-8")]
assert len(items) == len(lines), (len(items), len(lines))
for item, line in zip(items, lines):
    assert item == line, (item, line)
    assert list(item) == list(line), "another order"
print(len(items), "equal")
