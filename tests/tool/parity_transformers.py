"""parity_transformers.py make FOLDER ACTIVATION IMAGE_HEADS TEXT_HEADS SHARD_SIZE: a small CLIPModel with random parameters, and its processor's mean and
std of .5 with bilinear resizing, as transformers saves them.
parity_transformers.py compare FOLDER EMBEDDED TOKENS: its embeddings against a stream of `cc-embed --keep`, with the tokens of its captions."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
import numpy as np
import torch
from tinymsgpack import Unpacker
from transformers import CLIPConfig, CLIPModel


def make(folder, activation, image_heads, text_heads, shard_size):
    torch.manual_seed(5)
    text = dict(hidden_size=16, intermediate_size=40, num_attention_heads=int(text_heads), num_hidden_layers=2, hidden_act=activation,
                max_position_embeddings=12, vocab_size=517, eos_token_id=516, bos_token_id=515, pad_token_id=0)
    vision = dict(hidden_size=64, intermediate_size=96, num_attention_heads=int(image_heads), num_hidden_layers=2, hidden_act=activation, image_size=16, patch_size=4)
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=8))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * .3 / max(1, parameter.shape[-1] if parameter.ndim else 1) ** .5)
    model.save_pretrained(folder, max_shard_size=shard_size)
    with open(os.path.join(folder, "preprocessor_config.json"), "w") as f:
        f.write('{"size": {"shortest_edge": 16}, "crop_size": {"height": 16, "width": 16}, "do_center_crop": true, "resample": 2, "do_normalize": true,'
                '"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "image_processor_type": "CLIPImageProcessor"}')


def compare(folder, stream, tokens_path):
    model = CLIPModel.from_pretrained(folder).eval()
    records = [r for r in Unpacker(open(stream, "rb")) if "__key__" in r]
    pixels = np.stack([np.frombuffer(r["rgb.npy"]["data"], np.uint8).reshape(r["rgb.npy"]["shape"]) for r in records])
    x = (torch.tensor(pixels).permute(0, 3, 1, 2).float() / 255 - .5) / .5
    tokens = torch.zeros(len(records), 12, dtype=torch.long)
    for row, line in zip(tokens, open(tokens_path)):
        ids = [int(word) for word in line.split()]
        row[: len(ids)] = torch.tensor(ids)
    with torch.no_grad():
        out = model(input_ids=tokens, pixel_values=x)
    for name, wanted in ("image.npy", out.image_embeds), ("text.npy", out.text_embeds):
        ours = np.stack([np.frombuffer(r[name]["data"], np.float32) for r in records])
        error = np.linalg.norm(ours - wanted.numpy(), axis=1).max()
        print(name, f"{error:.1e}", "good" if error < 1e-4 else "bad")


{"make": make, "compare": compare}[sys.argv[1]](*sys.argv[2:])
