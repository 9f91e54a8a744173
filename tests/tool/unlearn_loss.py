"""Expected results of unlearn and removal from embeddings (cc-view --full): unlearn_loss.py FILE SCALE WEIGHT TARGET prints both parts of the loss and
its sum, in thousandths; unlearn_loss.py FILE N M the numbers of the M most similar of the first N pairs."""
import base64
import json
import math
import struct
import sys

records = [r for r in map(json.loads, open(sys.argv[1])) if "__key__" in r]


def vector(record, name):
    data = base64.b64decode(record[name]["data"]["base64"])
    return struct.unpack("<%df" % (len(data) // 4), data)


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


images, texts = ([vector(r, name) for r in records] for name in ("image.npy", "text.npy"))
if len(sys.argv) == 4:
    alike = sorted(range(int(sys.argv[2])), key=lambda i: -dot(images[i], texts[i]))
    print(",".join(map(str, alike[:int(sys.argv[3])])))
    sys.exit()
scale, weight, target = map(float, sys.argv[2:])
known = [i for i, r in enumerate(records) if "poison.json" in r]
others = [i for i in range(len(records)) if i not in known]


def cross_entropy(rows, columns):
    logits = [[scale * dot(rows[i], columns[j]) for j in others] for i in others]
    return sum(math.log(sum(map(math.exp, row))) - row[i] for i, row in enumerate(logits)) / len(logits)


cross_modal = (cross_entropy(images, texts) + cross_entropy(texts, images)) / 2
unlearn = sum((dot(images[i], texts[i]) - target) ** 2 for i in known) / len(known)
print("[" + ",".join(str(round(1e3 * x)) for x in (cross_modal, unlearn, cross_modal + weight * unlearn)) + "]")
