"""make_weights.py MODEL FORM FILE [CHANGE]...: the weights of one of our models in a published format.  Needs only Python's standard library.

FORM: safetensors; hf (Hugging Face's names); shards, bin-shards (two files of safetensors or PyTorch's and FILE, their index); pt (a state dict by torch.save); training (one under state_dict, with module. in front, beside
an optimizer's); script (as TorchScript packs it, as far as we look); shared (every tensor on one storage); hollow (the first on a storage of one
number, which claims more); and pickles that are none: call (asks for os.system), bomb (a storage that unpacks to more than its file), pickle-bomb.
CHANGE: type=F16|BF16|F64; drop=NAME; add=NAME; rename=NAME:NAME; shape=NAME (its axes in one); ones=NAME:N (N axes of 1); rows=NAME:N (so many); nan=NAME; twice=NAME
(under module. too); wrap=NAME (a part of each name behind its first and third part); under=PREFIX (of all); also=PREFIX (a second model, of zeros);
text=text. (in front of the text tower's names)."""
import io
import json
import os
import pickle
import struct
import sys
import types
import zipfile


def read(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    result = {}
    for name, about in header.items():
        begin, end = (8 + size + x for x in about["data_offsets"])
        result[name] = [about["dtype"], about["shape"], data[begin:end]]
    return result


def retype(tensor, to):
    kind, shape, data = tensor
    if kind != "F32":
        return tensor
    numbers = struct.unpack(f"<{len(data) // 4}f", data)
    if to == "BF16":
        return [to, shape, b"".join(data[i + 2 : i + 4] for i in range(0, len(data), 4))]
    return [to, shape, struct.pack(f"<{len(numbers)}" + {"F16": "e", "F64": "d"}[to], *numbers)]


def transposed(tensor):
    kind, (rows, columns), data = tensor
    return [kind, [columns, rows], b"".join(data[4 * (r * columns + c) :][:4] for c in range(columns) for r in range(rows))]


HF = {"token_embedding.weight": "text_model.embeddings.token_embedding.weight", "positional_embedding": "text_model.embeddings.position_embedding.weight",
      "ln_final": "text_model.final_layer_norm", "visual.class_embedding": "vision_model.embeddings.class_embedding",
      "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
      "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight", "visual.ln_pre": "vision_model.pre_layrnorm",
      "visual.ln_post": "vision_model.post_layernorm", "logit_scale": "logit_scale"}
IN_BLOCK = {"attn.out_proj": "self_attn.out_proj", "ln_1": "layer_norm1", "ln_2": "layer_norm2", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2"}


def to_hf(tensors):
    result = {}
    for name, tensor in tensors.items():
        stem, _, last = name.rpartition(".")
        if name in ("text_projection", "visual.proj"):
            result[{"text_projection": "text_projection.weight", "visual.proj": "visual_projection.weight"}[name]] = transposed(tensor)
        elif name in HF or stem in HF:
            result[HF[name] if name in HF else f"{HF[stem]}.{last}"] = tensor
        else:
            tower, rest = name.split("transformer.resblocks.")
            number, _, rest = rest.partition(".")
            begin = f"{'vision' if tower else 'text'}_model.encoder.layers.{number}."
            if rest.startswith("attn.in_proj_"):
                kind, shape, data = tensor
                for i, part in enumerate("qkv"):
                    third = data[len(data) * i // 3 : len(data) * (i + 1) // 3]
                    result[f"{begin}self_attn.{part}_proj.{rest[13:]}"] = [kind, [shape[0] // 3] + shape[1:], third]
            else:
                stem, _, last = rest.rpartition(".")
                result[f"{begin}{IN_BLOCK[stem]}.{last}"] = tensor
    result["text_model.embeddings.position_ids"] = ["I64", [1, 2], struct.pack("<2q", 0, 1)]
    return result


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, (kind, shape, raw) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


# Names that PyTorch's pickles refer to; they are never called.
STORAGES = {"F32": "FloatStorage", "F16": "HalfStorage", "BF16": "BFloat16Storage", "F64": "DoubleStorage", "I64": "LongStorage"}
torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
sys.modules |= {"torch": torch, "torch._utils": utils}
for storage in STORAGES.values():
    setattr(torch, storage, type(storage, (), {"__module__": "torch"}))


def _rebuild_tensor_v2(*args):
    raise SystemExit("never called")


_rebuild_tensor_v2.__module__ = "torch._utils"
utils._rebuild_tensor_v2 = _rebuild_tensor_v2


class Storage:
    def __init__(self, key, kind, count):
        self.id = ("storage", getattr(torch, STORAGES[kind]), key, "cpu", count)


class Tensor:
    def __init__(self, key, tensor):
        kind, self.shape, data = tensor
        self.count = 1
        for side in self.shape:
            self.count *= side
        self.storage = Storage(key, kind, self.count)

    def __reduce__(self):
        strides = [0 if form == "hollow" else 1]
        for side in self.shape[:0:-1]:
            strides.insert(0, strides[0] * side)
        return _rebuild_tensor_v2, (self.storage, 0, tuple(self.shape), tuple(strides[: len(self.shape)]), False, {})


class Call:
    def __reduce__(self):
        return os.system, ("touch OWNED",)


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.id if isinstance(value, Storage) else None


def write_pt(path, tensors, form):
    state = {name: Tensor(str(i), tensor) for i, (name, tensor) in enumerate(tensors.items())}
    if form == "shared":
        most = max(tensor.count for tensor in state.values())
        for tensor in state.values():
            tensor.storage.id = tensor.storage.id[:2] + ("0", "cpu", most)
        tensors["0"] = ["F32", [most], bytes(4 * most)]
    root = dict(state)
    if form == "call":
        root["epoch"] = Call()
    if form == "training":
        moment = Tensor("moment", ["F32", [2], bytes(8)])
        root = {"epoch": 3, "state_dict": {"module." + name: tensor for name, tensor in state.items()}, "optimizer": {"state": {0: {"exp_avg": moment}}}}
    pickled = io.BytesIO()
    Pickler(pickled, protocol=2).dump(root)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if "bomb" in form else zipfile.ZIP_STORED) as z:
        z.writestr("archive/data.pkl", pickled.getvalue() if form != "pickle-bomb" else bytes(100 << 20))
        if form == "shared":
            tensors = {"0": tensors["0"]}
        for i, (name, tensor) in enumerate(tensors.items()):
            z.writestr(f"archive/data/{i}", tensor[2][:4] if form == "hollow" and not i else tensor[2] if form != "bomb" else tensor[2] + bytes(4 << 20))
        z.writestr("archive/data/moment", bytes(8))
        if form == "script":
            z.writestr("archive/constants.pkl", pickle.dumps((), protocol=2))


def change(tensors, how, name):
    if how == "type":
        return {key: retype(tensor, name) for key, tensor in tensors.items()}
    if how == "drop":
        del tensors[name]
    elif how == "add":
        tensors[name] = ["F32", [1], bytes(4)]
    elif how == "rename":
        old, new = name.split(":")
        return {new if key == old else key: tensor for key, tensor in tensors.items()}
    elif how == "shape":
        tensors[name][1] = [len(tensors[name][2]) // 4]
    elif how == "nan":
        tensors[name][2] = struct.pack("<f", float("nan")) + tensors[name][2][4:]
    elif how == "rows":
        old, rows = name.split(":")
        kind, (count, width), data = tensors[old]
        tensors[old] = [kind, [int(rows), width], (data * int(rows))[: int(rows) * len(data) // count]]
    elif how == "ones":
        old, axes = name.split(":")
        tensors[old][1] = [1] * int(axes)
    elif how == "wrap":
        def wrapped(parts):
            return ".".join(parts[:1] + [name] * (len(parts) > 1) + parts[1:3] + [name] * (len(parts) > 3) + parts[3:])
        return {wrapped(key.split(".")): tensor for key, tensor in tensors.items()}
    elif how == "under":
        return {name + key: tensor for key, tensor in tensors.items()}
    elif how == "also":
        return tensors | {name + key: [kind, shape, bytes(len(data))] for key, (kind, shape, data) in tensors.items()}
    elif how == "text":
        return {key if key.startswith("visual.") or key == "logit_scale" else name + key: tensor for key, tensor in tensors.items()}
    elif how == "twice":
        tensors["module." + name] = tensors[name]
    return tensors


model, form, path = sys.argv[1:4]
tensors = to_hf(read(model)) if form == "hf" else read(model)
for argument in sys.argv[4:]:
    tensors = change(tensors, *argument.split("=", 1))
if form in ("safetensors", "hf"):
    write_safetensors(path, tensors)
elif form in ("shards", "bin-shards"):
    names, folder = list(tensors), os.path.dirname(path)
    parts = [f"{'pytorch_model' if form[0] == 'b' else 'model'}-{i + 1:05}-of-00002.{'bin' if form[0] == 'b' else 'safetensors'}" for i in (0, 1)]
    place = {name: parts[i % 2] for i, name in enumerate(names)}
    for part in parts:
        some = {name: tensors[name] for name in names if place[name] == part}
        write_pt(os.path.join(folder, part), some, "pt") if form[0] == "b" else write_safetensors(os.path.join(folder, part), some)
    with open(path, "w") as f:
        json.dump({"metadata": {"total_size": sum(len(data) for _, _, data in tensors.values())}, "weight_map": place}, f)
else:
    write_pt(path, tensors, form)
