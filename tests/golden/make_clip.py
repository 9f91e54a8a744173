#!/usr/bin/env python3
"""Writes clip.safetensors: a tiny model of each kind in plain PyTorch, what it computes, and ten steps of CleanCLIP training.

    python3 -m venv build/venv && build/venv/bin/pip install torch==2.13.0 numpy safetensors
    build/venv/bin/python tests/golden/make_clip.py [--check]

--check writes nothing and compares with the file that is there: other processors round otherwise.
In the file:  before.NAME, after.NAME   parameters before and after the ten steps
              pixels, ids, lengths      twelve records; the augmented view of record i is record i + 12
              image, text               normalised embeddings (before, in evaluation mode) of the first twelve
              losses                    of each step: total, cross-modal, self-supervised
"""
import json
import math
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file, save_file
from torch import nn

CONFIG = {
    "embed_dim": 8,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 8, "block": "basic", "width": 4, "layers": [1, 2], "widths": [6, 8]},
    "text_cfg": {"context_length": 7, "vocab_size": 24, "width": 8, "heads": 2, "layers": 2},
    "preprocess_cfg": {"mean": [0.5, 0.4, 0.45], "std": [0.25, 0.2, 0.3]},
}
RECORDS, STEPS, WARMUP, LR, DECAY, LAMBDA1, LAMBDA2 = 12, 10, 3, 1e-3, 0.1, 1.0, 2.0


class Block(nn.Module):
    def __init__(self, width_in, width, first):
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width, 3, 2 if first else 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        if first:
            self.downsample = nn.Sequential(nn.Conv2d(width_in, width, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        skip = self.downsample(F.avg_pool2d(x, 2)) if hasattr(self, "downsample") else x
        return F.relu(y + skip)


class ResNet(nn.Module):
    def __init__(self, cfg, dim):
        super().__init__()
        width = cfg["width"]
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.stages = len(cfg["layers"])
        for s, (layers, out) in enumerate(zip(cfg["layers"], cfg["widths"])):
            blocks = [Block(width if i == 0 else out, out, i == 0) for i in range(layers)]
            setattr(self, f"layer{s + 1}", nn.Sequential(*blocks))
            width = out
        self.proj = nn.Parameter(torch.empty(width, dim))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for s in range(self.stages):
            x = getattr(self, f"layer{s + 1}")(x)
        return x.mean((2, 3)) @ self.proj


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class TextBlock(nn.Module):
    def __init__(self, width, heads, quick):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(width, 4 * width))
        self.mlp.add_module("gelu", QuickGELU() if quick else nn.GELU())
        self.mlp.add_module("c_proj", nn.Linear(4 * width, width))

    def forward(self, x):
        t = x.shape[1]
        mask = torch.full((t, t), -math.inf).triu(1)
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, cfg, quick):
        super().__init__()
        self.resblocks = nn.Sequential(*[TextBlock(cfg["width"], cfg["heads"], quick) for _ in range(cfg["layers"])])


class Clip(nn.Module):
    def __init__(self, config):
        super().__init__()
        text, dim = config["text_cfg"], config["embed_dim"]
        self.visual = ResNet(config["vision_cfg"], dim)
        self.token_embedding = nn.Embedding(text["vocab_size"], text["width"])
        self.positional_embedding = nn.Parameter(torch.empty(text["context_length"], text["width"]))
        self.transformer = Transformer(text, config["quick_gelu"])
        self.ln_final = nn.LayerNorm(text["width"])
        self.text_projection = nn.Parameter(torch.empty(text["width"], dim))
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        pre = config["preprocess_cfg"]
        self.mean = torch.tensor(pre["mean"]).view(1, 3, 1, 1)
        self.std = torch.tensor(pre["std"]).view(1, 3, 1, 1)

    def image(self, pixels):
        x = (pixels.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std
        return F.normalize(self.visual(x), dim=-1)

    def text(self, ids, lengths):
        x = self.token_embedding(ids.long()) + self.positional_embedding
        x = self.ln_final(self.transformer.resblocks(x))
        return F.normalize(x[torch.arange(len(x)), lengths.long() - 1] @ self.text_projection, dim=-1)


def fill(model):
    """Values with which every part has a say, unlike at the beginning of a training."""
    for name, p in model.named_parameters():
        if name == "logit_scale":
            continue
        fan = p[0].numel() if p.dim() > 1 else 1
        with torch.no_grad():
            p.copy_(torch.randn(p.shape) * (fan**-0.5 if p.dim() > 1 else 0.1) + (1 if is_gain(name) else 0))
    for name, b in model.named_buffers():
        if name.endswith("running_mean"):
            b.copy_(torch.randn(b.shape) * 0.2)
        if name.endswith("running_var"):
            b.copy_(torch.rand(b.shape) + 0.5)


def is_gain(name):
    return name.endswith(".weight") and ("bn" in name or "ln_" in name or "downsample.1" in name)


def make_data(config):
    g = np.random.default_rng(7)
    size, text = config["vision_cfg"]["image_size"], config["text_cfg"]
    n, context = 2 * RECORDS, text["context_length"]
    lengths = g.integers(3, context + 1, n)
    lengths[:RECORDS] = np.minimum(lengths[:RECORDS], context - 1)  # so that cutting to the longest is put to use
    ids = np.zeros((n, context), np.int32)
    for i, length in enumerate(lengths):
        ids[i, 0] = text["vocab_size"] - 2
        ids[i, 1 : length - 1] = g.integers(0, text["vocab_size"] - 2, length - 2)
        ids[i, length - 1] = text["vocab_size"] - 1
    return g.integers(0, 256, (n, size, size, 3), np.uint8), ids, lengths.astype(np.int32)


def nce(rows, columns, scale):
    return F.cross_entropy(scale * rows @ columns.T, torch.arange(len(rows)))


def train(model, pixels, ids, lengths):
    """STEPS steps on batches of a quarter of the rows, of which the second half are the views of the first."""
    records, batch = len(pixels) // 2, len(pixels) // 4
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=LR, betas=(0.9, 0.999), eps=1e-8)
    losses = []
    model.train()
    for step in range(STEPS):
        if step < WARMUP:
            lr = LR * (step + 1) / WARMUP
        else:
            lr = LR * 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP)))
        for group in optimiser.param_groups:
            group["lr"] = lr
        i = [(5 * step + k) % records for k in range(batch)]
        i += [k + records for k in i]
        image, text = model.image(pixels[i]), model.text(ids[i], lengths[i])
        scale = model.logit_scale.exp()
        (im, im2), (tx, tx2) = image.split(batch), text.split(batch)
        mmcl = (nce(im, tx, scale) + nce(tx, im, scale)) / 2
        ss = (nce(im, im2, scale) + nce(tx, tx2, scale)) / 2
        loss = LAMBDA1 * mmcl + LAMBDA2 * ss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        losses.append([loss.item(), mmcl.item(), ss.item()])
    return np.array(losses, np.float32)


def state(model, prefix):
    return {prefix + k: v.numpy().copy() for k, v in model.state_dict().items()}


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    model = Clip(CONFIG)
    fill(model)
    pixels, ids, lengths = (torch.from_numpy(a) for a in make_data(CONFIG))
    out = state(model, "before.")
    model.eval()
    with torch.no_grad():
        out["image"] = model.image(pixels[:RECORDS]).numpy()
        out["text"] = model.text(ids[:RECORDS], lengths[:RECORDS]).numpy()
    out["losses"] = train(model, pixels, ids, lengths)
    out |= state(model, "after.") | {"pixels": pixels.numpy(), "ids": ids.numpy(), "lengths": lengths.numpy()}
    path = os.path.join(os.path.dirname(__file__), "clip.safetensors")
    if sys.argv[1:] == ["--check"]:
        there = load_file(path)
        # a key's bias has no gradient but rounding, of which Adam makes full steps
        compared = [(k, v) for k, v in out.items() if v.dtype == np.float32 and not k.endswith("in_proj_bias")]
        worst = max((np.abs(v - there[k]).max(), k) for k, v in compared)
        print(f"{len(out)} tensors, the largest difference is {worst[0]:.2g}, in {worst[1]}")
        sys.exit(out.keys() != there.keys() or not worst[0] < 1e-4)
    save_file(out, path, {"config": json.dumps(CONFIG)})  # one entry: of several the order is random
    print(f"{path}: {os.path.getsize(path)} bytes; losses {out['losses'][:, 0].round(4).tolist()}")


if __name__ == "__main__":
    main()
