"""parity_checkpoint.py FOLDER EMBEDDED TOKENS: a model of ours, loaded by open_clip's create_model_and_transforms("local-dir:FOLDER").

FOLDER holds the model and what `cc-model config` prints.  EMBEDDED is a stream with rgb.npy, image.npy and text.npy of `cc-embed --keep`, TOKENS the
tokens of its captions.  Every tensor must have been taken, the pixels' mean, std, size and interpolation be those of the configuration, and the
embeddings agree to 1e-4.  torchvision, which open_clip imports, may be missing: nothing is computed with it."""
import enum
import importlib.util
import json
import os
import sys
import types

sys.path.insert(0, os.path.dirname(__file__))
import numpy as np
import torch
from safetensors.torch import load_file
from tinymsgpack import Unpacker


def stand_in_for_torchvision():
    def module(name, **names):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__.update(names)
        return sys.modules[name]

    def step(name):
        return type(name, (torch.nn.Module,), {"__init__": lambda self, *a, **k: (torch.nn.Module.__init__(self), setattr(self, "given", (a, k)))[0]})

    steps = {name: step(name) for name in ("Normalize", "RandomResizedCrop", "ToTensor", "Resize", "CenterCrop", "ColorJitter", "Grayscale")}
    compose = type("Compose", (), {"__init__": lambda self, transforms: setattr(self, "transforms", transforms)})
    modes = enum.Enum("InterpolationMode", "BICUBIC BILINEAR NEAREST")
    functional = module("torchvision.transforms.functional")
    transforms = module("torchvision.transforms", functional=functional, Compose=compose, InterpolationMode=modes, **steps)
    misc = module("torchvision.ops.misc", FrozenBatchNorm2d=type("FrozenBatchNorm2d", (), {}))
    module("torchvision", transforms=transforms, ops=module("torchvision.ops", misc=misc))


folder, stream, tokens_path = sys.argv[1:4]
stand_in = not importlib.util.find_spec("torchvision")
if stand_in:
    stand_in_for_torchvision()
import open_clip

with open(os.path.join(folder, "open_clip_config.json")) as f:
    config = json.load(f)
cfg = config["preprocess_cfg"]
model, _, preprocess = open_clip.create_model_and_transforms("local-dir:" + folder)
model.eval()
wanted = load_file(os.path.join(folder, "open_clip_model.safetensors"))
assert all(torch.equal(tensor, wanted[name]) for name, tensor in model.state_dict().items())
if stand_in:
    by_name = {type(step).__name__: step.given for step in preprocess.transforms if hasattr(step, "given")}
    assert by_name["Normalize"][1] == {"mean": cfg["mean"], "std": cfg["std"]}, by_name
    assert by_name["Resize"][1]["interpolation"].name.lower() == cfg["interpolation"], by_name
    assert (by_name["Resize"][0][0] == (cfg["size"],) * 2) == (cfg["resize_mode"] == "squash"), by_name
records = [r for r in Unpacker(open(stream, "rb")) if "__key__" in r]
pixels = np.stack([np.frombuffer(r["rgb.npy"]["data"], np.uint8).reshape(r["rgb.npy"]["shape"]) for r in records])
x = torch.tensor(pixels).permute(0, 3, 1, 2).float() / 255
x = (x - torch.tensor(cfg["mean"]).view(1, 3, 1, 1)) / torch.tensor(cfg["std"]).view(1, 3, 1, 1)
tokens = torch.zeros(len(records), config["model_cfg"]["text_cfg"]["context_length"], dtype=torch.long)
for row, line in zip(tokens, open(tokens_path)):
    ids = [int(word) for word in line.split()]
    row[: len(ids)] = torch.tensor(ids)
with torch.no_grad():
    theirs = {"image.npy": model.encode_image(x, normalize=True), "text.npy": model.encode_text(tokens, normalize=True)}
for name, wanted in theirs.items():
    ours = np.stack([np.frombuffer(r[name]["data"], np.float32) for r in records])
    error = np.linalg.norm(ours - wanted.numpy(), axis=1).max()
    print(name, f"{error:.1e}", "good" if error < 1e-4 else "bad")
