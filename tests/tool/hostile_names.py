"""hostile_names.py make FOLDER: data in which every name contains control sequences or could forge a line of a message.
hostile_names.py run COMMAND...: what a command sends to a terminal (a pty is its standard output and error), and what of it is dangerous.
hostile_names.py check: the same for standard input, which was not sent to a terminal.
The last line is `dangerous:` and the kinds found."""
import json
import os
import pty
import re
import struct
import sys
import tarfile
import io

sys.path.insert(0, os.path.dirname(__file__))
from tinymsgpack import packb

# ESC, a C1 control, DEL, a right-to-left override, an isolate, a carriage return, a byte that is not UTF-8.
EVIL = "\x1b]0;owned\x07\u009b31m\x7f\u202edetrevni\u2066\rx\udcff"
FORGED = EVIL + "\ncc-shard: all is well"


def make(folder):
    def path(name):
        return os.path.join(folder, name)

    def tar(name, members):
        with tarfile.open(path(name), "w", format=tarfile.PAX_FORMAT, errors="surrogateescape") as out:
            for member, content in members:
                info = tarfile.TarInfo(member)
                info.size = len(content)
                out.addfile(info, io.BytesIO(content))

    clean = EVIL.replace("\udcff", "")
    text = FORGED.encode("utf-8", "surrogateescape")
    tar("evil.tar", [(clean + ".txt", b"caf\xe9"), (clean + "." + clean, b"x"), ("b." + clean, b"y"), ("b.txt", text), ("b.jpg", b"no"),
                     ("c\nd.txt", b"z")])
    tar("classes.tar", [(clean + "/a.jpg", b"no"), ("other/b.jpg", b"no")])
    header = {"cc": 1, "records": 2, "classes": [EVIL, FORGED], "split": FORGED, "model": {"name": FORGED},
              "prog": [{"name": FORGED, "version": FORGED, "seed": 0, "args": [FORGED]}]}
    records = [{"__key__": FORGED, "txt": FORGED, EVIL: FORGED, FORGED: 1, "jpg": b"no"}, {"__key__": "b", "txt": "a cat", "cls": 0}]
    tail = {"cc_end": True, "records": 2, "bad": {FORGED: 1, EVIL: 2}}
    with open(path("evil.stream"), "wb") as out:
        out.write(b"".join(map(packb, [header, *records, tail])))
    with open(path("broken.stream"), "wb") as out:
        out.write(b"".join(map(packb, [header, {"cc_epoch": 0}, {"__key__": FORGED, FORGED: [FORGED], "txt": 3, "cls": FORGED}])) + b"\xc1")
    tensors = {clean: {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}, FORGED.replace("\udcff", ""): {"dtype": "U8", "shape": [1], "data_offsets": [1, 2]},
               "__metadata__": {clean: clean}}
    head = json.dumps(tensors, ensure_ascii=False).replace("\n", "\\n").encode()
    with open(path("evil.safetensors"), "wb") as out:
        out.write(struct.pack("<Q", len(head)) + head + b"xy")
    with open(path("type.safetensors"), "wb") as out:
        head = json.dumps({clean: {"dtype": clean, "shape": [1], "data_offsets": [0, 1]}}, ensure_ascii=False).encode()
        out.write(struct.pack("<Q", len(head)) + head + b"x")
    with open(path("score.json"), "w") as out:
        json.dump({"metric": clean, "value": 1.0, "interval": None, "n": 1, "numerator": None, "denominator": None, "metrics": {clean: 1.0}, "intervals": {},
                   "counts": {}, "model": clean, "dataset": clean, "settings": {clean: clean}, "classes": [clean], "bad": {clean: 1}, "prog": []}, out)
    with open(path("merges.txt"), "wb") as out:
        out.write(b"#version: 0.2\n" + EVIL.encode("utf-8", "surrogateescape") + b" x\n")
    with open(path("table.csv"), "wb") as out:
        evil = EVIL.encode("utf-8", "surrogateescape")
        out.write(b"image,caption,label\n" + evil + b".jpg,x," + evil + b"\nhttps://" + evil + b",y,1\n")
    with open(path("columns.csv"), "wb") as out:
        out.write(EVIL.encode("utf-8", "surrogateescape") + b",x\na,b\n")
    with open(path("config.json"), "w") as out:
        json.dump({clean: clean, "embed_dim": clean, "vision_cfg": {clean: 1}, "text_cfg": {}}, out)
    with open(path("evil.jsonl"), "w") as out:
        out.write(json.dumps({"__key__": clean, clean: {clean: clean}}) + "\n" + '{"' + clean.replace("\x1b", "").replace("\x07", "").replace("\r", "") + '": }\n')


def dangers(sent):
    found = set()
    text = sent.replace(b"\r\n", b"\n").replace(b"\r\x1b[K", b"")  # the terminal's own line ends; progress
    try:
        text.decode()
    except UnicodeDecodeError:
        found.add("not UTF-8")
    text = text.decode(errors="replace")
    for name, pattern in (("control", "[\x00-\x08\x0b-\x1f\x7f]"), ("C1", "[\x80-\x9f]"), ("direction", "[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"),
                          ("forged line", "(?m)^cc-shard: all is well")):
        if re.search(pattern, text):
            found.add(name)
    return sorted(found)


def run(command):
    sent = []

    def read(fd):
        data = os.read(fd, 4096)
        sent.append(data)
        return data

    status = pty.spawn(command, read, lambda fd: b"")
    code = os.waitstatus_to_exitcode(status)
    print("\nsignal" if code < 0 else "", "bytes:", sum(map(len, sent)))
    return b"".join(sent)


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    sent = run(sys.argv[2:]) if sys.argv[1] == "run" else sys.stdin.buffer.read()
    sys.stdout.flush()
    print("dangerous:", *dangers(sent))
