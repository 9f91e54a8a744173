#!/usr/bin/env python3
"""Writes vit.safetensors and modified_resnet.safetensors: small models of open_clip's with random gains, biases and running
statistics, what they compute, and the gradients of a loss; and counts.tsv: parameters of the published models.

    python3 -m venv build/venv && build/venv/bin/pip install torch==2.13.0 numpy safetensors && pip install --no-deps open_clip_torch
    build/venv/bin/python tests/golden/make_towers.py [--check]

--check writes nothing and compares with the files that are there.  Computed in float64 from float32 values.
In a file:  before.NAME          parameters
            pixels, ids, lengths records
            image, text          normalised embeddings in evaluation mode
            image_training       the same with the batch's own statistics
            after.NAME           running statistics after that
            loss, grad.NAME      of the symmetric contrastive loss in training mode
"""
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file, save_file

import open_clip_model

FOLDER = os.path.dirname(os.path.abspath(__file__))
TEXT = {"context_length": 6, "vocab_size": 12, "width": 8, "heads": 2, "layers": 1}
MODELS = {
    "vit": (6, {
        "embed_dim": 6,
        "vision_cfg": {"image_size": 14, "patch_size": 4, "layers": 2, "width": 24, "head_width": 8, "mlp_ratio": 2.3},
        "text_cfg": TEXT | {"mlp_ratio": 1.5},
    }),
    "modified_resnet": (3, {
        "embed_dim": 6,
        "quick_gelu": True,
        "vision_cfg": {"image_size": 64, "layers": [1, 2, 1, 1], "width": 2, "head_width": 16, "patch_size": None},
        "text_cfg": TEXT,
    }),
}
PUBLISHED = ["RN50", "RN101", "RN50x4", "RN50x16", "RN50x64", "ViT-S-16", "ViT-M-32", "ViT-B-32", "ViT-B-32-quickgelu",
             "ViT-B-16", "ViT-B-16-plus-240", "ViT-L-14", "ViT-L-14-336", "ViT-H-14", "ViT-g-14", "ViT-bigG-14"]


def records(config, n, g):
    size, text = config["vision_cfg"]["image_size"], config["text_cfg"]
    lengths = g.integers(3, text["context_length"], n).astype(np.int32)
    ids = np.zeros((n, text["context_length"]), np.int32)
    for i, length in enumerate(lengths):
        ids[i, 0] = text["vocab_size"] - 2
        ids[i, 1 : length - 1] = g.integers(0, text["vocab_size"] - 2, length - 2)
        ids[i, length - 1] = text["vocab_size"] - 1
    return g.integers(0, 256, (n, size, size, 3), np.uint8), ids, lengths


def numbers(tensor):
    return tensor.detach().float().numpy().copy()


def golden(n, config):
    model = open_clip_model.CLIP(**config)
    open_clip_model.fill(model, torch.Generator().manual_seed(3))
    pixels, ids, lengths = records(config, n, np.random.default_rng(7))
    out = {"before." + k: v.numpy().copy() for k, v in model.state_dict().items()}
    out |= {"pixels": pixels, "ids": ids, "lengths": lengths}
    model.double()
    x, t = open_clip_model.normalised(torch.from_numpy(pixels)).double(), torch.from_numpy(ids).long()
    model.eval()
    out["image"] = numbers(model.encode_image(x, normalize=True))
    out["text"] = numbers(model.encode_text(t, normalize=True))
    model.train()
    image, text, scale = model.encode_image(x, normalize=True), model.encode_text(t, normalize=True), model.logit_scale.exp()
    out["image_training"] = numbers(image)
    target = torch.arange(n)
    loss = (F.cross_entropy(scale * image @ text.T, target) + F.cross_entropy(scale * text @ image.T, target)) / 2
    loss.backward()
    out["loss"] = numbers(loss)
    out |= {"grad." + k: numbers(p.grad) for k, p in model.named_parameters()}
    out |= {"after." + k: numbers(b) for k, b in model.named_buffers() if "running" in k}
    return out


def counts():
    lines = ["model\timage\ttext\tall"]
    for name in PUBLISHED:
        with torch.device("meta"):
            model = open_clip_model.CLIP(**open_clip_model.published(name))
        every = sum(p.numel() for p in model.parameters())
        image = sum(p.numel() for p in model.visual.parameters())
        lines.append(f"{name}\t{image}\t{every - image - 1}\t{every}")
    return "\n".join(lines) + "\n"


def same(out, path):
    there = load_file(path)
    worst = max((np.abs(v - there[k]).max(), k) for k, v in out.items() if v.dtype == np.float32)
    print(f"{path}: {len(out)} tensors, the largest difference is {worst[0]:.2g}, in {worst[1]}")
    return out.keys() == there.keys() and worst[0] < 1e-5


def main():
    fine = True
    for name, (n, config) in MODELS.items():
        out, path = golden(n, config), os.path.join(FOLDER, name + ".safetensors")
        if sys.argv[1:] == ["--check"]:
            fine = same(out, path) and fine
            continue
        save_file(out, path, {"config": json.dumps(config)})
        print(f"{path}: {os.path.getsize(path)} bytes; loss {out['loss']:.4f}")
    path = os.path.join(FOLDER, "counts.tsv")
    if sys.argv[1:] == ["--check"]:
        fine = open(path).read() == counts() and fine
    else:
        open(path, "w").write(counts())
    sys.exit(not fine)


if __name__ == "__main__":
    main()
