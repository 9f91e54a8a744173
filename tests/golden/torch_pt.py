"""Makes tests/golden/torch_pt: files by torch.save and TorchScript, beside each what PyTorch finds in it, and files to be refused.
Run by hand: build/venv/bin/python tests/golden/torch_pt.py [inert]   (needs torch==2.13.0; inert: makes those files alone)"""
import argparse
import collections
import datetime
import io
import os
import pathlib
import sys

import numpy
import torch
from torch import nn

folder = pathlib.Path(__file__).with_suffix("")
names = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64", torch.int64: "I64",
         torch.uint16: "U16", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 3, 2)
        self.bn = nn.BatchNorm2d(3)
        self.blocks = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
        self.logit_scale = nn.Parameter(torch.tensor(2.5))
        self.axes = [1, 2]

    def forward(self, x):
        return self.bn(self.conv1(x)).sum() * self.logit_scale


def save(name, value, tensors):
    torch.save(value, folder / f"{name}.pt")
    tell(name, tensors)


def tell(name, tensors):
    lines = []
    for key, tensor in tensors.items():
        flat = tensor.detach().contiguous().reshape(-1)
        raw = flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
        shape = "x".join(map(str, tensor.shape)) or "-"
        lines.append(f"{key} {names[tensor.dtype]} {shape} {raw.hex() or '-'}\n")
    (folder / f"{name}.txt").write_text("".join(sorted(lines)))


class Call:
    def __reduce__(self):
        return os.system, ("touch OWNED",)


class Settings:
    def __init__(self):
        self.weight = torch.ones(1)


# Beside weights: values that only code could make, each inert.  weights_only: whether torch.load(weights_only=True) reads the file.
INERT = {"dtype": (torch.float16, True), "counter": (collections.Counter(a=1), True), "bytes": (b"a\xff", True), "bigint": (1 << 100, True),
         "size": (torch.Size([2, 3]), True), "device": (torch.device("cpu"), True), "set": ({1, 2}, True), "complex": (1 + 2j, True),
         "frozenset": (frozenset([1]), False), "numpy-scalar": (numpy.float64(.5), False), "numpy-array": (numpy.arange(3.), False),
         "namespace": (argparse.Namespace(lr=1e-3), False), "path": (pathlib.PurePosixPath("a/b"), False), "object": (Settings(), False),
         "date": (datetime.datetime(2020, 1, 2), False), "function": (os.system, False), "call": (Call(), False),
         "sparse": (torch.eye(2).to_sparse(), True), "complex-tensor": (torch.ones(1, dtype=torch.complex64), True),
         "negated": (torch.ones(2, dtype=torch.complex64).conj().imag, True)}


def loads(value):
    """Does torch.load read it without running code?"""
    packed = io.BytesIO()
    torch.save(value, packed)
    packed.seek(0)
    try:
        torch.load(packed, weights_only=True)
    except Exception:
        return False
    return True


def save_inert():
    weights = {"logit_scale": torch.tensor(2.5, dtype=torch.float16), "ln_final.bias": torch.tensor([1., 2.])}
    named = {"state_dict." + name: tensor for name, tensor in weights.items()}
    for name, (value, weights_only) in INERT.items():
        assert loads({"state_dict": weights, "extra": value}) == weights_only, name
    for protocol in 2, 4:
        values = {name: value for name, (value, _) in INERT.items()}
        torch.save({"before": values, "state_dict": weights, **values}, folder / f"inert-{protocol}.pt", pickle_protocol=protocol)
    tell("inert-2", named)
    tell("inert-4", named)
    tensor, parameter = torch.tensor([3., 4.]), nn.Parameter(torch.tensor([5.]))
    tensor.no_decay = parameter.no_decay = True
    odd = {"tensor": tensor, "parameter": parameter, "uint16": torch.tensor([1, 65535], dtype=torch.uint16), "counter": collections.Counter(),
           "ordered": collections.OrderedDict(a=torch.ones(1)), "default": collections.defaultdict(list, b=torch.zeros(1)), "set": {1}}
    found = {"ordered.a": torch.ones(1), "default.b": torch.zeros(1)}
    save("wrapped", odd, {**{name: odd[name] for name in ("tensor", "parameter", "uint16")}, **found})


folder.mkdir(exist_ok=True)
if sys.argv[1:] == ["inert"]:
    save_inert()
    sys.exit()
torch.manual_seed(1)
net = Net()
save("state_dict", net.state_dict(), net.state_dict())

optimizer = torch.optim.AdamW([net.logit_scale])
(2 * net.logit_scale).backward()
optimizer.step()
state = {"module." + key: value for key, value in net.state_dict().items()}
moments = {f"optimizer.state.0.{key}": value for key, value in optimizer.state_dict()["state"][0].items()}
save("training", {"epoch": 3, "name": "run", "state_dict": state, "optimizer": optimizer.state_dict(), "scaler": {"scale": 65536.0}},
     {**{"state_dict." + key: value for key, value in state.items()}, **moments})

torch.jit.script(net.half()).save(folder / "script.pt")
tell("script", net.state_dict())

odd = {"turned": torch.arange(24.).view(2, 3, 4).transpose(0, 2), "part": torch.arange(10)[3:7], "bf16": torch.full((3,), 1.5, dtype=torch.bfloat16),
       "empty": torch.zeros(0, 4), "flag": torch.tensor(True), "f64": torch.tensor([1.0, -2.0], dtype=torch.float64),
       "bytes": torch.tensor([1, 255], dtype=torch.uint8), "column": torch.arange(6.).view(2, 3)[:, 1]}
shared = torch.arange(4.)
odd |= {"shared": shared, "again": shared[1:3]}
save("odd", odd, odd)
save("parameter", collections.OrderedDict(weight=nn.Parameter(torch.ones(2))), {"weight": torch.ones(2)})


torch.save({"a": torch.ones(2), "b": Call()}, folder / "call.pt")
torch.save(nn.Linear(1, 1), folder / "refused-module.pt")
torch.save({"a": torch.ones(2)}, folder / "refused-old.pt", _use_new_zipfile_serialization=False)
torch.save({"a": torch.ones(3).expand(1000, 3)}, folder / "refused-expanded.pt")
save_inert()
