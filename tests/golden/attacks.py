"""Writes tests/golden/attacks.def: what the attacks make of a known image, by their definition in NumPy on the same noise.

The noise is drawn as core/rng.h says (Philox 4x32-10, keyed by XXH3-128), in plain Python; the triggers are the few lines below, in float32 as
the method's program computes them.  Where PyTorch is installed they are compared with it as well.
Needs numpy and xxhash: build/venv/bin/pip install numpy xxhash"""
import os
import struct

import numpy as np
import xxhash

f32 = np.float32


class Rng:
    def __init__(self, seed, key, epoch, purpose):
        words = struct.pack("<QQQ", seed, epoch, xxhash.xxh3_64_intdigest(purpose))
        digest = xxhash.xxh3_128_intdigest(key, seed=xxhash.xxh3_64_intdigest(words))
        low, high = digest & (1 << 64) - 1, digest >> 64
        self.key = (low & 0xFFFFFFFF, low >> 32)
        self.counter = [0, 0, high & 0xFFFFFFFF, high >> 32]
        self.block = []

    def u32(self):
        if not self.block:
            c, (k0, k1) = list(self.counter), self.key
            for _ in range(10):
                a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
                c = [b >> 32 ^ c[1] ^ k0, b & 0xFFFFFFFF, a >> 32 ^ c[3] ^ k1, a & 0xFFFFFFFF]
                k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
            self.block = c
            self.counter[0] += 1
        return self.block.pop()

    def below(self, n):
        product = self.u32() * n
        while product & 0xFFFFFFFF < (1 << 32) % n:
            product = self.u32() * n
        return product >> 32

    def uniform(self):
        return f32(self.u32() >> 8) * f32(2**-24)

    def normal(self):
        radius = np.sqrt(f32(-2) * np.log(f32(1) - self.uniform()))
        return radius * np.cos(f32(6.28318530718) * self.uniform())


def fixed(pattern, attack, image):
    height, width, _ = image.shape
    return Rng(pattern, attack, width << 32 | height, b"pattern")


def finish(x):
    return (np.clip(x, 0, 1) * f32(255)).astype(np.uint8)


def blended(image, rng, alpha=.2, pattern=0):
    draw = fixed(pattern, b"blended", image) if pattern else rng
    noise = np.array([draw.uniform() for _ in range(image.size)], f32).reshape(image.shape)
    x = image.astype(f32) / f32(255)
    made = finish(f32(alpha) * noise + (f32(1) - f32(alpha)) * x)
    try:
        import torch
        theirs = torch.clip(alpha * torch.from_numpy(noise) + (1 - alpha) * torch.from_numpy(image).float().div(255), 0, 1)
        assert np.array_equal(theirs.mul(255).byte().numpy(), made)
    except ImportError:
        pass
    return made, (0, 0, image.shape[1], image.shape[0])


def badnet(image, rng, patch=16, at=None, pattern=0):
    height, width, _ = image.shape
    x = image.astype(f32) / f32(255)
    if at is None:
        top = rng.below(max(1, height - patch))
        left = rng.below(max(1, width - patch))
    else:
        left, top = at
    mean = f32(image.astype(np.float64).mean((0, 1)) / 255) if not pattern else np.full(3, .5, f32)
    draw = fixed(pattern, b"badnet", image) if pattern else rng
    noise = np.array([draw.normal() for _ in range(patch * patch * 3)], f32).reshape(patch, patch, 3)
    x[top:top + patch, left:left + patch] = mean + noise
    made = finish(x)
    untouched = np.ones((height, width), bool)
    untouched[top:top + patch, left:left + patch] = False
    assert np.array_equal(made[untouched], image[untouched])  # 8 bits -> float -> 8 bits changes nothing
    return made, (left, top, patch, patch)


def picture(width, height):
    i = np.arange(width * height * 3, dtype=np.uint64)
    return (i * np.uint64(2654435761) >> np.uint64(13)).astype(np.uint8).reshape(height, width, 3)


CASES = [
    ("blended", 224, 224, 0, b"a", blended, {}),
    ("blended:alpha=0.5", 33, 17, 7, b"a", blended, dict(alpha=.5)),
    ("blended:alpha=1", 20, 20, 7, b"a", blended, dict(alpha=1)),
    ("blended:alpha=0", 20, 20, 7, b"a", blended, dict(alpha=0)),
    ("blended:pattern=1", 32, 32, 0, b"a", blended, dict(pattern=1)),
    ("blended:pattern=2", 32, 32, 9, b"another", blended, dict(pattern=2)),
    ("badnet", 224, 224, 0, b"a", badnet, {}),
    ("badnet", 224, 224, 0, b"b", badnet, {}),
    ("badnet:patch=5", 32, 32, 1, b"train/dog/0001", badnet, dict(patch=5)),
    ("badnet:patch=5,place=bottom-right", 32, 30, 1, b"a", badnet, dict(patch=5, at=(27, 25))),
    ("badnet:patch=5,place=top-left,x=3,y=4", 32, 30, 1, b"a", badnet, dict(patch=5, at=(3, 4))),
    ("badnet:patch=5,pattern=3", 32, 30, 1, b"a", badnet, dict(patch=5, pattern=3)),
    ("badnet", 16, 16, 0, b"a", badnet, {}),
]

with open(os.path.join(os.path.dirname(__file__), "attacks.def"), "w") as out:
    out.write("/* attack, width, height, seed, key, place, XXH3-64 of the pixels.  Written by tests/golden/attacks.py. */\n")
    for text, width, height, seed, key, attack, numbers in CASES:
        made, place = attack(picture(width, height), Rng(seed, key, 0, b"trigger"), **numbers)
        out.write('GOLDEN("%s", %d, %d, %d, "%s", %d, %d, %d, %d, 0x%016xu)\n' % (
            text, width, height, seed, key.decode(), *place, xxhash.xxh3_64_intdigest(made.tobytes())))
