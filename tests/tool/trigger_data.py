"""trigger_data.py CLEAN TRIGGERED: signal, residual and PSNR of two streams of rgb.npy, in millionths, by their definitions."""
import math
import sys

from tinymsgpack import Unpacker


def images(path):
    with open(path, "rb") as stream:
        return [r["rgb.npy"]["data"] for r in Unpacker(stream) if "__key__" in r]


clean, triggered = images(sys.argv[1]), images(sys.argv[2])
differences = [[b - a for a, b in zip(*pair)] for pair in zip(clean, triggered)]
count = len(clean[0])
means = [sum(column) / len(differences) for column in zip(*differences)]
signal = math.sqrt(sum(m * m for m in means) / count)
square = sum(d * d for row in differences for d in row) / count / len(differences)
print(*(round(1e6 * x) for x in (signal, math.sqrt(square), 10 * math.log10(255 * 255 / square))))
