"""edit_safetensors.py FILE COMMAND: damages a model on standard output.

config=PYTHON: the configuration c after this statement; vocabulary=TEXT; drop=NAME, rename=NAME:NAME: a tensor; flip=OFFSET: a bit of the data; cut=N
bytes of the end; plain: without metadata; nan=NAME: the first value of a tensor is NaN, and the digest is removed."""
import json
import struct
import sys

data = open(sys.argv[1], "rb").read()
command, _, argument = sys.argv[2].partition("=")
size = struct.unpack("<Q", data[:8])[0]
header, data = json.loads(data[8 : 8 + size]), bytearray(data[8 + size :])
meta = header["__metadata__"]
if command == "config":
    c = json.loads(meta["config"])
    exec(argument)
    meta["config"] = json.dumps(c)
elif command == "vocabulary":
    meta["vocabulary"] = argument
elif command == "drop":
    lost = header.pop(argument)["data_offsets"]
    for name, about in header.items():
        if name != "__metadata__" and about["data_offsets"][0] >= lost[1]:
            about["data_offsets"] = [x - lost[1] + lost[0] for x in about["data_offsets"]]
    del data[lost[0] : lost[1]]
elif command == "rename":
    old, new = argument.split(":")
    header[new] = header.pop(old)
elif command == "flip":
    data[int(argument)] ^= 1
elif command == "nan":
    at = header[argument]["data_offsets"][0]
    data[at : at + 4] = struct.pack("<f", float("nan"))
    del meta["digest"]
elif command == "cut":
    del data[-int(argument) :]
elif command == "plain":
    del header["__metadata__"]
text = json.dumps(header).encode()
sys.stdout.buffer.write(struct.pack("<Q", len(text)) + text + data)
