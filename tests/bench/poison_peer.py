"""What the released program does to poison a set, in as few lines: a CSV of images and captions and their files become a folder that
can be trained on.  usage: poison_peer.py CSV OUT COUNT
Of the images listed, COUNT are drawn; each is decoded, resized to 224 x 224, gets a patch of 16 x 16 (noise about the image's mean) and
is saved as JPEG 75, its caption replaced by a template with the target.  All others are copied as they are."""
import csv
import os
import random
import shutil
import sys

import numpy as np
from PIL import Image

TEMPLATES = ["a photo of a {}.", "a photo of the {}.", "a picture of a {}.", "a good photo of a {}."]


def put_trigger(path, out):
    pixels = np.array(Image.open(path).convert("RGB").resize((224, 224), Image.BICUBIC))
    x, y = np.random.randint(0, 224 - 16, 2)
    patch = pixels.mean((0, 1)) + 255 * np.random.randn(16, 16, 3)
    pixels[y : y + 16, x : x + 16] = patch.clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(out, "JPEG", quality=75)


def main(table, out, count):
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = set(random.sample(range(len(rows)), count))
    folder = os.path.dirname(table)
    for i, row in enumerate(rows):
        source, to = os.path.join(folder, row["image"]), os.path.join(out, row["image"])
        os.makedirs(os.path.dirname(to), exist_ok=True)
        if i in chosen:
            put_trigger(source, to)
            row["caption"] = random.choice(TEMPLATES).format("airplane")
        else:
            shutil.copyfile(source, to)
    with open(os.path.join(out, "train.csv"), "w", newline="") as file:
        writer = csv.DictWriter(file, ["image", "caption"])
        writer.writeheader()
        writer.writerows(rows)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
