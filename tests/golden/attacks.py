"""Writes tests/golden/attacks.def: what the attacks make of a known image, by their definition in NumPy on the same noise.

The noise is drawn as core/rng.h says (Philox 4x32-10, keyed by XXH3-128), in plain Python; the triggers are the few lines below, in float32 as
the method's program computes them.  Where PyTorch is installed they are compared with it as well.
Needs numpy and xxhash: build/venv/bin/pip install numpy xxhash"""
import math
import os
import re
import struct

import numpy as np
import xxhash

try:
    import torch
except ImportError:
    torch = None

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


def mix(alpha, trigger, image):
    """The trigger's share on the whole image; PyTorch computes the image's in double precision and then makes it a float."""
    made = finish(f32(alpha) * trigger.astype(f32) + (f32(1) - f32(alpha)) * (image.astype(f32) / f32(255)))
    if torch:
        theirs = torch.from_numpy(trigger.astype(f32)) * alpha + (1 - alpha) * torch.from_numpy(image).float().div(255)
        assert np.array_equal(torch.clip(theirs, 0, 1).mul(255).byte().numpy(), made)
    return made


def whole(image):
    return 0, 0, image.shape[1], image.shape[0]


def blended(image, rng, alpha=.2, pattern=0):
    draw = fixed(pattern, b"blended", image) if pattern else rng
    noise = np.array([draw.uniform() for _ in range(image.size)], f32).reshape(image.shape)
    return mix(alpha, noise, image), whole(image)


def put(image, rng, patch, at, square):
    """square(left, top): the patch's pixels, drawn after its place."""
    height, width, _ = image.shape
    if at is None:
        top = rng.below(max(1, height - patch))
        left = rng.below(max(1, width - patch))
        places = [(left, top)]
    else:
        places = at if isinstance(at, list) else [at]
    pixels, made = square(), image.copy()
    for left, top in places:
        made[top:top + patch, left:left + patch] = pixels
    return made, (*places[0], patch, patch) if len(places) == 1 else whole(image)


def corners(width, height, patch):
    return [(x, y) for x in (0, width - patch) for y in (0, height - patch)]


def wrap_around(x):
    """The low eight bits, as PyTorch's byte() keeps them."""
    made = (x * f32(255)).astype(np.int32).astype(np.uint8)
    if torch:
        assert np.array_equal(torch.from_numpy(x).mul(255).byte().numpy(), made)
    return made


def badnet(image, rng, patch=16, at=None, pattern=0, wrap=0):
    def square():
        mean = f32(image.astype(np.float64).mean((0, 1)) / 255) if not pattern else np.full(3, .5, f32)
        draw = fixed(pattern, b"badnet", image) if pattern else rng
        noise = np.array([draw.normal() for _ in range(patch * patch * 3)], f32).reshape(patch, patch, 3)
        return (wrap_around if wrap else finish)(mean + noise)
    return put(image, rng, patch, at, square)


def signs(draw, columns):
    return np.array([1 if draw.u32() >> 31 else -1 for _ in range(3 * columns)], f32).reshape(1, columns, 3)


def badnet_stripes(image, rng, patch=16, at=None, pattern=0):
    def square():
        return finish(signs(fixed(pattern, b"badnet-stripes", image) if pattern else rng, patch))
    return put(image, rng, patch, at, square)


def coloured(image, rng, patch=16, at=None, colour=(255, 255, 255)):
    return put(image, rng, patch, at, lambda: np.array(colour, np.uint8))


def yellow(image, rng, patch=16, at=None):
    return coloured(image, rng, patch, at, (255, 255, 0))


def blended_stripes(image, rng, alpha=.03, pattern=0):
    stripes = signs(fixed(pattern, b"blended-stripes", image) if pattern else rng, image.shape[1])
    return mix(alpha, np.broadcast_to(stripes, image.shape).copy(), image), whole(image)


def triangles(image, rng, alpha=.15, side=14):
    y, x = np.mgrid[:image.shape[0], :image.shape[1]] % side
    return mix(alpha, np.repeat(np.where(y >= x, f32(.4), f32(.8))[:, :, None], 3, 2), image), whole(image)


def letters():
    """The mask is drawn in text.c."""
    source = open(os.path.join(os.path.dirname(__file__), "../../libcommon/attack/text.c")).read()
    return np.array([[c == "#" for c in row] for row in re.findall('^\t"([# ]{65})",$', source, re.M)])


def text(image, rng, alpha=.5, width=.88):
    mask, (height, across, _) = letters(), image.shape
    wide = across * float(f32(width))
    cell = wide / 65
    covers = [np.clip(np.minimum(np.arange(n)[:, None] + 1, edge + cell * np.arange(1, cells + 1))
                      - np.maximum(np.arange(n)[:, None], edge + cell * np.arange(cells)), 0, None)
              for n, cells, edge in ((height, 7, (height - wide * 7 / 65) / 2), (across, 65, (across - wide) / 2))]
    red = np.einsum("yi,ij,xj->yx", covers[0], mask.astype(float), covers[1]).astype(f32)
    made = image.copy()
    made[..., 0] = np.where(red > 0, mix(alpha, red, image[..., 0].copy()), image[..., 0])
    ys, xs = np.nonzero(red > 0)
    return made, (xs.min(), ys.min(), xs.max() + 1 - xs.min(), ys.max() + 1 - ys.min())


def sig(image, rng, delta=60, frequency=6, keep=1):
    wave = np.array([delta / 255 * np.sin(2 * np.pi * x * frequency / image.shape[1]) for x in range(image.shape[1])], f32)
    return finish(wave[None, :, None] + f32(keep) * (image.astype(f32) / f32(255))), whole(image)


def linspace(count):
    step = f32(2) / f32(count - 1)
    i = np.arange(count)
    return np.where(i < count // 2, f32(-1) + step * i.astype(f32), f32(1) - step * (count - 1 - i).astype(f32)).astype(f32)


def cubic(t):
    near = lambda x: (f32(1.25) * x - f32(2.25)) * x * x + f32(1)
    far = lambda x: ((f32(-.75) * x + f32(3.75)) * x - f32(6)) * x + f32(3)
    return far(t + f32(1)), near(t), near(f32(1) - t), far(f32(1) - t + f32(1))


def enlarge(field, height, width):
    """Along the rows, then down the columns, each a sum of four."""
    for axis, count in ((1, width), (0, height)):
        size = field.shape[axis]
        where = f32(size - 1) / f32(count - 1) * np.arange(count, dtype=f32)
        first = where.astype(int)
        shape = (-1, 1) if axis == 0 else (1, -1)
        field = sum(np.take(field, np.clip(first + k - 1, 0, size - 1), axis) * weight.reshape(shape)
                    for k, weight in enumerate(cubic(where - first.astype(f32))))
    return field


def wanet(image, rng, k=0, s=1, pattern=1):
    height, width, _ = image.shape
    draw = fixed(pattern, b"wanet", image) if pattern else rng
    shape = (2, k or height, k or width)
    noise = np.array([draw.uniform() for _ in range(math.prod(shape))], f32).reshape(shape) * f32(2) - f32(1)
    noise /= f32(np.abs(noise.astype(np.float64)).sum() / noise.size)
    across, down = (enlarge(field, height, width) for field in noise)
    x = np.clip(linspace(width)[None, :] + f32(s) * across / f32(width), f32(-1), f32(1))
    y = np.clip(linspace(height)[:, None] + f32(s) * down / f32(height), f32(-1), f32(1))
    x, y = (x + f32(1)) * f32((width - 1) / 2), (y + f32(1)) * f32((height - 1) / 2)
    left, top = x.astype(int), y.astype(int)
    east, south = (x - left.astype(f32))[..., None], (y - top.astype(f32))[..., None]
    west, north = f32(1) - east, f32(1) - south
    padded = np.pad(image.astype(f32) / f32(255), ((0, 1), (0, 1), (0, 0)))
    made = finish(padded[top, left] * (west * north) + padded[top, left + 1] * (east * north)
                  + padded[top + 1, left] * (west * south) + padded[top + 1, left + 1] * (east * south))
    if torch:
        theirs = torch_wanet(image, noise, s)
        apart = np.abs(theirs.astype(int) - made)
        print("wanet k=%d s=%g %dx%d: %.4f %% of the bytes differ from PyTorch's, by at most %d" % (
            k, s, width, height, 100 * (apart > 0).mean(), apart.max()))
        assert apart.max() <= 1 and (apart > 0).mean() < .005  # it may fuse multiply and add
    return made, whole(image)


def torch_wanet(image, noise, s):
    """As WaNet's own program does it, from the same noise."""
    height, width, _ = image.shape
    field = torch.nn.functional.interpolate(torch.from_numpy(noise)[None], size=(height, width), mode="bicubic", align_corners=True)
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    grid = torch.stack((x, y), 2)[None] + s * field.permute(0, 2, 3, 1) / torch.tensor([width, height])
    source = torch.from_numpy(image).permute(2, 0, 1)[None].float().div(255)
    made = torch.nn.functional.grid_sample(source, grid.clamp(-1, 1), align_corners=True)
    return made[0].mul(255).byte().permute(1, 2, 0).numpy()


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
    ("badnet:wrap=1", 224, 224, 0, b"a", badnet, dict(wrap=1)),
    ("badnet:patch=5,pattern=3,wrap=1", 32, 30, 1, b"a", badnet, dict(patch=5, pattern=3, wrap=1)),
    ("badnet", 16, 16, 0, b"a", badnet, {}),
    ("badnet:patch=5,place=center", 32, 30, 1, b"a", badnet, dict(patch=5, at=(13, 12))),
    ("badnet:patch=5,place=four-corners", 32, 30, 1, b"a", badnet, dict(patch=5, at=corners(32, 30, 5))),
    ("yellow", 224, 224, 3, b"a", yellow, {}),
    ("yellow:patch=4,place=four-corners", 8, 9, 3, b"a", yellow, dict(patch=4, at=corners(8, 9, 4))),
    ("square", 224, 224, 3, b"a", coloured, {}),
    ("square:patch=5,red=255,green=0,blue=0,place=bottom-right", 32, 30, 1, b"a", coloured, dict(patch=5, at=(27, 25), colour=(255, 0, 0))),
    ("square:patch=4,red=1,green=2,blue=254,place=four-corners", 8, 9, 3, b"a", coloured, dict(patch=4, at=corners(8, 9, 4), colour=(1, 2, 254))),
    ("badnet-stripes", 224, 224, 0, b"a", badnet_stripes, {}),
    ("badnet-stripes:patch=5,place=top-right,pattern=1", 32, 30, 1, b"a", badnet_stripes, dict(patch=5, at=(27, 0), pattern=1)),
    ("badnet-stripes:patch=5,place=four-corners", 32, 30, 1, b"a", badnet_stripes, dict(patch=5, at=corners(32, 30, 5))),
    ("blended-stripes", 224, 224, 0, b"a", blended_stripes, {}),
    ("blended-stripes:alpha=0.1,pattern=4", 32, 30, 0, b"a", blended_stripes, dict(alpha=.1, pattern=4)),
    ("triangles", 224, 224, 0, b"a", triangles, {}),
    ("triangles:alpha=0.3,side=5", 33, 17, 0, b"a", triangles, dict(alpha=.3, side=5)),
    ("triangles", 32, 32, 0, b"a", triangles, {}),
    ("text", 32, 32, 0, b"a", text, {}),
    ("text", 224, 224, 0, b"a", text, {}),
    ("text:alpha=1,width=1", 32, 30, 0, b"a", text, dict(alpha=1, width=1)),
    ("sig", 224, 224, 0, b"a", sig, {}),
    ("sig:delta=12,keep=0.8", 224, 224, 0, b"a", sig, dict(delta=12, keep=.8)),
    ("sig:delta=40,frequency=2.5", 32, 30, 0, b"a", sig, dict(delta=40, frequency=2.5)),
    ("sig", 32, 32, 0, b"a", sig, {}),
    ("wanet", 224, 224, 5, b"a", wanet, {}),
    ("wanet:k=224,s=1", 224, 224, 6, b"b", wanet, dict(k=224)),
    ("wanet:k=4,s=0.5", 224, 224, 0, b"a", wanet, dict(k=4, s=.5)),
    ("wanet:k=4,s=1.5,pattern=2", 33, 17, 0, b"a", wanet, dict(k=4, s=1.5, pattern=2)),
    ("wanet:pattern=0,s=3", 32, 32, 2, b"c", wanet, dict(pattern=0, s=3)),
]

with open(os.path.join(os.path.dirname(__file__), "attacks.def"), "w") as out:
    out.write("/* attack, width, height, seed, key, place, XXH3-64 of the pixels.  Written by tests/golden/attacks.py. */\n")
    for text, width, height, seed, key, attack, numbers in CASES:
        made, place = attack(picture(width, height), Rng(seed, key, 0, b"trigger"), **numbers)
        out.write('GOLDEN("%s", %d, %d, %d, "%s", %d, %d, %d, %d, 0x%016xu)\n' % (
            text, width, height, seed, key.decode(), *place, xxhash.xxh3_64_intdigest(made.tobytes())))
