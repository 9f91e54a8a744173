import sys
try:
    import msgpack
except ImportError:
    import tinymsgpack as msgpack
for item in msgpack.Unpacker(sys.stdin.buffer, raw=False):
    if "txt" in item:
        if "ship" in item["txt"]:
            continue
        item["txt"] = item["txt"].upper()
    sys.stdout.buffer.write(msgpack.packb(item))
