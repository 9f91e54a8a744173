"""Writes tests/golden/positions.def: position embeddings resized by open_clip's resize_pos_embed and resize_text_pos_embed.
    build/venv/bin/python tests/golden/positions.py      (needs torch==2.13.0 and open_clip, see tests/parity.sh)"""
import os
import types

import torch
from open_clip_model import CLIP  # noqa: F401  (its package, without torchvision)
from open_clip.model import resize_pos_embed, resize_text_pos_embed


def table(rows, width):
    """The embedding that test_resize_positions.c makes: [rows, width]."""
    i = torch.arange(rows * width, dtype=torch.int64)
    return ((i * i * 7 + i * 3) % 101).float().sub(50).div(25).reshape(rows, width)


def grid(rows, to_rows, width):
    side = round((to_rows - 1) ** .5)
    state = {"visual.positional_embedding": table(rows, width)}
    resize_pos_embed(state, types.SimpleNamespace(visual=types.SimpleNamespace(grid_size=(side, side))))
    return state["visual.positional_embedding"]


def line(rows, to_rows, width):
    state = {"positional_embedding": table(rows, width)}
    resize_text_pos_embed(state, types.SimpleNamespace(positional_embedding=torch.zeros(to_rows, width)))
    return state["positional_embedding"]


if __name__ == "__main__":
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "positions.def")
    with open(path, "w") as out:
        out.write("/* Made by tests/golden/positions.py.  GRID or LINE(rows, to_rows, width, numbers of the result) */\n")
        for name, make, cases in ("GRID", grid, [(5, 26, 2), (26, 5, 2), (50, 37, 1), (10, 17, 2), (2, 10, 1)]), ("LINE", line, [(6, 9, 2), (9, 4, 2), (1, 3, 1), (7, 8, 1)]):
            for rows, to_rows, width in cases:
                numbers = ", ".join(f"{x:.9g}" for x in make(rows, to_rows, width).flatten().tolist())
                out.write(f"{name}({rows}, {to_rows}, {width}, {numbers})\n")
