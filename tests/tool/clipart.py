"""clipart.py FOLDER: a folder laid out like the openclipart packages.  Drawings are 8x8: a dot on a transparent (black) background."""
import os
import struct
import sys
import zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, rows):
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def drawing(i):
    dot, nothing = bytes([i % 256, 100, 200, 255]), bytes(4)
    return png(8, 8, b"".join(b"\0" + b"".join(dot if x == y == 4 else nothing for x in range(8)) for y in range(8)))


def svg(title, words):
    items = "\n".join(f"<rdf:li>{word}</rdf:li>" for word in words)
    return (f"<svg>\n <metadata>\n  <dc:title>{title}</dc:title>\n{items}\n  <dc:title>An Agent</dc:title>\n </metadata>\n"
            "<dc:title>not this</dc:title></svg>\n")


def write(root, path, i, title, words, image=None):
    for kind, data in (("png", image or drawing(i)), ("svg", svg(title, words).encode())):
        name = os.path.join(root, kind, path + "." + kind)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as file:
            file.write(data)


def main(root):
    for i in range(200):
        write(root, f"animals/birds/owl.v{i}_nn_", i, f"Owl_{i % 100}_x", ["hash", "", "bird"])
    for i in range(120):
        write(root, f"signs_and_symbols/map_symbols/sub/way_{i}", i, "Clipart by A. Person - all of them", ["map"])
    write(root, "animals/birds/bomb", 0, "Bomb", [], png(60000, 60000, b""))
    write(root, "animals/alone", 0, "Alone", [])
    os.symlink("owl.v1_nn_.png", os.path.join(root, "png/animals/birds/link.png"))


main(sys.argv[1])
