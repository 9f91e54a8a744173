"""Makes tests/golden/npy/*.npy and prints the digest that tests/unit/test_record_digest.c expects of a record.
Run: build/venv/bin/python tests/golden/npy.py   (needs numpy, xxhash)"""
import os
import struct

import numpy as np
import xxhash

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npy")


def save(name, array, version=None):
    with open(os.path.join(here, name + ".npy"), "wb") as file:
        np.lib.format.write_array(file, array, version=version)


def sized(data):
    return struct.pack("<Q", len(data)) + data


def digest(key, fields):
    text = sized(key.encode())
    for name in sorted(fields, key=str.encode):
        text += sized(name.encode()) + sized(fields[name])
    return xxhash.xxh3_128_hexdigest(text)


save("matrix_f4", np.arange(6, dtype="<f4").reshape(2, 3))
save("image_u1", np.arange(48, dtype="u1").reshape(4, 4, 3))
save("vector_i8", np.arange(5, dtype="<i8"))
save("scalar_f8", np.array(2.5))
save("empty_f2", np.zeros((0, 7), "<f2"))
save("version2", np.arange(5, dtype="<i2"), (2, 0))
save("fortran", np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3)))
save("bigendian", np.arange(5, dtype=">f4"))
with open(os.path.join(here, "matrix_f4.npy"), "rb") as file:
    matrix = file.read()
print(digest("dir/Zürich", {"txt": b"a caption", "cls": b"-7", "JPG": bytes(range(256)), "x.npy": matrix, "score": b"[1, 2.5, null]"}))
print(digest("k", {}))
