#!/usr/bin/env python3
"""Writes vit_steps.safetensors and modified_resnet_steps.safetensors: make_towers.py's models, trained by CleanCLIP for ten steps.

    python3 -m venv build/venv && build/venv/bin/pip install torch==2.13.0 numpy safetensors && pip install --no-deps open_clip_torch
    build/venv/bin/python tests/golden/make_steps.py [--check]

--check writes nothing and compares with the files that are there.  Computed in float64 from float32 values.
In a file:  before.NAME, after.NAME   parameters before and after the ten steps
            pixels, ids, lengths      records; their augmented views are the second half
            losses                    of each step: total, cross-modal, self-supervised
The logit scale begins where a clamp is needed: the vision transformer's above ln 100, the ResNet's near 0.
Where a number that a ReLU cuts lies at 0 to within rounding, float32 goes another way than float64; so the parameters are also changed
by noise as large as rounding, and a model that ends elsewhere is not taken: another seed is needed."""
import json
import os
import sys

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

import make_clip
import make_towers
import open_clip_model

MODELS = {"vit": (24, 4.7), "modified_resnet": (12, 2e-4)}  # rows, logit scale
SEEDS = {"vit": 7, "modified_resnet": 5}


class Model:
    """As make_clip.train wants one."""

    def __init__(self, clip):
        self.clip, self.logit_scale = clip, clip.logit_scale
        self.parameters, self.train = clip.parameters, clip.train

    def image(self, pixels):
        return self.clip.encode_image(open_clip_model.normalised(pixels).double(), normalize=True)

    def text(self, ids, lengths):
        return self.clip.encode_text(ids.long(), normalize=True)


def trained(name, rows, logit_scale, noise=0.0, noise_seed=0):
    config = make_towers.MODELS[name][1]
    clip = open_clip_model.CLIP(**config)
    open_clip_model.fill(clip, torch.Generator().manual_seed(SEEDS[name]))
    clip.logit_scale.data.fill_(logit_scale)
    pixels, ids, lengths = make_towers.records(config, rows, np.random.default_rng(8))
    out = {"before." + k: v.numpy().copy() for k, v in clip.state_dict().items()}
    out |= {"pixels": pixels, "ids": ids, "lengths": lengths}
    clip.double()
    generator = torch.Generator().manual_seed(noise_seed)
    for p in clip.parameters():
        p.data *= 1 + noise * torch.randn(p.shape, generator=generator, dtype=p.dtype)
    out["losses"] = make_clip.train(Model(clip), *(torch.from_numpy(a) for a in (pixels, ids, lengths)))
    return out | {"after." + k: make_towers.numbers(v) for k, v in clip.state_dict().items() if v.is_floating_point()}


def moved(out, other):
    """By how much: the losses, and the parameter that has moved most."""
    def norm(k):
        return np.linalg.norm(out[k] - other[k]) / np.linalg.norm(out[k])

    # a key's bias has no gradient but rounding, of which Adam makes full steps
    names = [k for k in out if k.startswith("after.") and not k.endswith(("in_proj_bias", "k_proj.bias"))]
    return np.abs(out["losses"] / other["losses"] - 1).max(), max(map(norm, names))


def main():
    fine = True
    torch.set_num_threads(1)
    for name, (rows, logit_scale) in MODELS.items():
        out, path = trained(name, rows, logit_scale), os.path.join(make_towers.FOLDER, name + "_steps.safetensors")
        if sys.argv[1:] == ["--check"]:
            fine = make_towers.same(out, path) and fine
            continue
        noisy = [moved(out, trained(name, rows, logit_scale, 2e-7, seed)) for seed in range(1, 6)]
        losses, parameters = (max(n[i] for n in noisy) for i in (0, 1))
        print(f"{name}: rounding moves its losses by {losses:.2g}, a parameter by {parameters:.2g}")
        if losses > 1e-5 or parameters > 1e-4:
            sys.exit("that is too much: another seed")
        save_file(out, path, {"config": json.dumps(make_towers.MODELS[name][1])})
        print(f"{path}: {os.path.getsize(path)} bytes; losses {out['losses'][:, 0].round(4).tolist()}; logit scale {out['after.logit_scale']}")
    sys.exit(not fine)


if __name__ == "__main__":
    main()
