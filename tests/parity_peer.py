"""What the comparisons with open_clip share: importing open_clip, running our programs, and the distance of two arrays.

torchvision, which open_clip needs, is in build/torchvision; parity.sh installs it."""
import importlib.util
import io
import json
import logging
import os
import subprocess
import sys
import tarfile

import msgpack
import numpy as np
import torch

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BIN = os.environ.get("CC_BIN", os.path.join(TOP, "build/bin"))
DATA = os.environ.get("CC_DATA", os.path.join(TOP, "../shared/data"))
THREADS = int(os.environ.get("CC_JOBS", 2))
sys.path.append(os.path.join(TOP, "build/torchvision"))
sys.path.insert(0, os.path.join(TOP, "tests/golden"))
torch.set_num_threads(THREADS)
logging.disable(logging.WARNING)


def _load():
    """torchvision's wheel has operators for one build of PyTorch; for any other they are only declared, because none is called."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import open_clip

    return library, open_clip


_library, open_clip = _load()
import open_clip_model
from image_reference import paint

failed = False


def report(what, error, tolerance, more=""):
    """Prints one line.  A difference that is above its tolerance or not a number fails the script."""
    global failed
    fine = bool(error <= tolerance)
    failed |= not fine
    print(f"{'ok    ' if fine else 'FAILED'} {what}: {error:.2g} (at most {tolerance:g}){more}", flush=True)


def report_same(what, same, more=""):
    global failed
    failed |= not same
    print(f"{'ok    ' if same else 'FAILED'} {what}{more}", flush=True)


def distance(ours, theirs):
    """||ours - theirs|| / ||theirs||, maximum over rows."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape or not len(theirs):
        return float("nan")
    away = np.linalg.norm(ours - theirs, axis=-1) / np.linalg.norm(theirs, axis=-1)
    return float(away.max())


def run(*command, stdin=None, fails=False):
    """The output of a command."""
    program = [os.path.join(BIN, command[0]), *map(str, command[1:])]
    if command[0] != "cc-view":
        program += ["-q"]
    done = subprocess.run(program, input=stdin, capture_output=True, env={**os.environ, "CC_JOBS": str(THREADS)})
    if (done.returncode != 0) != fails:
        raise SystemExit(f"{' '.join(program)}: exit {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def records(stream):
    return [r for r in msgpack.Unpacker(io.BytesIO(stream), max_buffer_size=1 << 31) if "__key__" in r]


def tensor(record, field):
    t = record[field]
    return np.frombuffer(t["data"], np.dtype(t["dtype"])).reshape(t["shape"])


def tensors(stream, field):
    return np.stack([tensor(r, field) for r in records(stream)])


def random_model(name, seed=3):
    """open_clip's model of that name in evaluation mode, with parameters that all affect the result."""
    model = open_clip.create_model(name, load_weights=False)
    open_clip_model.fill(model, torch.Generator().manual_seed(seed))
    for name, buffer in model.named_buffers():
        if name.endswith("num_batches_tracked"):
            buffer.fill_(7)
    return model.eval()


def photographs(count):
    """The given number of (name, image), spread evenly over the available ones, or generated ones of as many shapes."""
    from PIL import Image

    path = os.path.join(DATA, "photos/photos.tar")
    if not os.path.exists(path):
        return [(f"made-{i}", paint(90 + 37 * i % 411, 80 + 53 * i % 307, "smooth")) for i in range(count)]
    with tarfile.open(path) as tar:
        members = [m for m in tar if m.isfile()]
        members = members[:: max(1, len(members) // count)][:count]
        return [(os.path.splitext(m.name)[0], Image.open(tar.extractfile(m)).convert("RGB")) for m in members]


CAPTIONS = [
    "a photo of a {}.", "{}", "An {} &amp; its shadow, seen from afar \u2013 \u201cso they say\u201d", "\u732b \U0001f600 {} \ufb01ne",
    "the {} " + "and another one, and one more, " * 20, "IT'S THE {}!!! 42nd of 1999", "caf\u00e9 de la {}, d\u00e9j\u00e0 vu",
]


def write_shard(path, photos):
    """PNG images, so that JPEG decoders do not matter, and captions of many lengths."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for i, (name, image) in enumerate(photos):
            png = io.BytesIO()
            image.save(png, "PNG", compress_level=1)
            caption = CAPTIONS[i % len(CAPTIONS)].format(name.split("_", 1)[-1].replace("_", " "))
            for suffix, data in (("png", png.getvalue()), ("txt", caption.encode())):
                member = tarfile.TarInfo(f"{i:03}.{suffix}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


def captions_of(stream, field="txt"):
    return [r[field] for r in records(stream)]


def tokens(texts):
    return open_clip.tokenize(texts)


def vocabulary(folder):
    """CLIP's merges, unpacked from open_clip's package."""
    import gzip

    path = os.path.join(folder, "merges.txt")
    with gzip.open(os.path.join(os.path.dirname(open_clip.__file__), "bpe_simple_vocab_16e6.txt.gz")) as packed:
        with open(path, "wb") as file:
            file.write(packed.read())
    return path
