"""open_clip's towers without the rest of its package, which would want torchvision: only model.py and what it needs.
Where all of it has been imported before, that one."""
import importlib.util
import json
import os
import sys
import types

FOLDER = os.path.dirname(importlib.util.find_spec("open_clip").origin)


def _load():
    if "open_clip" in sys.modules:
        return sys.modules["open_clip"].CLIP
    package = types.ModuleType("open_clip")
    package.__path__ = [FOLDER]
    misc = types.ModuleType("torchvision.ops.misc")
    misc.FrozenBatchNorm2d = type("FrozenBatchNorm2d", (), {})
    for name in ("torchvision", "torchvision.ops"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["torchvision.ops.misc"] = misc
    sys.modules["open_clip"] = package
    from open_clip.model import CLIP

    return CLIP


CLIP = _load()
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def published(name):
    """The configuration of that name in open_clip."""
    with open(os.path.join(FOLDER, "model_configs", name + ".json")) as file:
        return json.load(file)


def fill(model, generator):
    """Values with which every part has a say, unlike at the beginning of a training: there the last gains are zero."""
    import torch

    def normal(tensor, std, mean=0.0):
        tensor.copy_(torch.randn(tensor.shape, generator=generator) * std + mean)

    with torch.no_grad():
        for name, p in model.named_parameters():
            gain = name.endswith(".weight") and p.dim() == 1
            if p.dim() < 2 and name != "logit_scale":
                normal(p, 0.1, 1.0 if gain else 0.0)
            elif p.dim() >= 2 and "embedding" not in name:
                normal(p, p[0].numel() ** -0.5)
            elif p.dim() >= 2:
                normal(p, 0.3)
        for name, b in model.named_buffers():
            if name.endswith("running_mean"):
                normal(b, 0.2)
            if name.endswith("running_var"):
                b.copy_(torch.rand(b.shape, generator=generator) + 0.5)


def normalised(pixels):
    """uint8 [n, h, w, 3] -> what an image tower takes."""
    import torch

    x = pixels.permute(0, 3, 1, 2).float() / 255
    return (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
