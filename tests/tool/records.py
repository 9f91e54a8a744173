"""JSON lines -> record stream, for tests: plain msgpack.  {"f4": [..]} is a tensor of that list, {"bin": "text"} are bytes."""
import json
import struct
import sys


def pack(value):
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return b"\xd3" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        data = value.encode("utf-8", "surrogateescape")
        return b"\xdb" + struct.pack(">I", len(data)) + data
    if isinstance(value, bytes):
        return b"\xc6" + struct.pack(">I", len(value)) + value
    if isinstance(value, list):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(pack, value))
    if list(value) == ["f4"]:
        numbers = [float(number) for number in value["f4"]]
        return pack({"dtype": "<f4", "shape": [len(numbers)], "data": struct.pack("<%df" % len(numbers), *numbers)})
    if list(value) == ["bin"]:
        return pack(value["bin"].encode())
    return b"\xdf" + struct.pack(">I", len(value)) + b"".join(pack(k) + pack(v) for k, v in value.items())


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.buffer.write(pack(json.loads(line)))
