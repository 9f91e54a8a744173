"""parity_checkpoint.py MODEL CONFIG EMBEDDED: a model of ours loaded as it is by open_clip's own code, with what `cc-model config` prints.

EMBEDDED is a stream with rgb.npy, image.npy, txt and text.npy of `cc-embed --keep`, and MODEL.tokens the tokens of its captions.  All tensors must
be taken (strict), the switches of preprocess_cfg must be open_clip's, and the embeddings must agree to 1e-4."""
import ast
import json
import os
import sys

sys.path[:0] = [os.path.join(os.path.dirname(__file__), x) for x in ("../golden", ".")]
import numpy as np
import torch
import open_clip_model
from safetensors.torch import load_file
from tinymsgpack import Unpacker

model_path, config_path, stream = sys.argv[1:4]
with open(config_path) as f:
    config = json.load(f)
source = ast.parse(open(os.path.join(open_clip_model.FOLDER, "transform.py")).read())
fields = {item.target.id for node in source.body if isinstance(node, ast.ClassDef) and node.name == "PreprocessCfg"
          for item in node.body if isinstance(item, ast.AnnAssign)}
pixels_cfg = config["preprocess_cfg"]
assert set(pixels_cfg) == fields, set(pixels_cfg) ^ fields
model = open_clip_model.CLIP(**config["model_cfg"])
model.load_state_dict(load_file(model_path), strict=True)
model.eval()
records = [r for r in Unpacker(open(stream, "rb")) if "__key__" in r]
pixels = np.stack([np.frombuffer(r["rgb.npy"]["data"], np.uint8).reshape(r["rgb.npy"]["shape"]) for r in records])
x = torch.tensor(pixels).permute(0, 3, 1, 2).float() / 255
x = (x - torch.tensor(pixels_cfg["mean"]).view(1, 3, 1, 1)) / torch.tensor(pixels_cfg["std"]).view(1, 3, 1, 1)
context = config["model_cfg"]["text_cfg"]["context_length"]
tokens = torch.zeros(len(records), context, dtype=torch.long)
for row, line in zip(tokens, open(model_path + ".tokens")):
    ids = [int(word) for word in line.split()][:context]
    row[: len(ids)] = torch.tensor(ids)
with torch.no_grad():
    theirs = {"image.npy": model.encode_image(x, normalize=True), "text.npy": model.encode_text(tokens, normalize=True)}
for name, wanted in theirs.items():
    ours = np.stack([np.frombuffer(r[name]["data"], np.float32) for r in records])
    error = np.linalg.norm(ours - wanted.numpy(), axis=1).max()
    print(name, f"{error:.1e}", "good" if error < 1e-4 else "bad")
