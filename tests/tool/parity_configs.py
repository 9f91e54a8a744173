"""parity_configs.py: every configuration in open_clip's package, given to cc-model.

Each is either refused, by the name of a switch that is in it, or accepted: then the parameters that `cc-model tensor` lists are, by name
and shape, those of the model that open_clip makes of it.  A published name, with which cc-model comes, gives the same configuration as the file.
Prints a line for each that is neither, and the counts."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../golden"))
import torch
import open_clip_model


def keys(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)


def theirs(config):
    with torch.device("meta"):
        model = open_clip_model.CLIP(**config)
    return {name: list(tensor.shape) for name, tensor in model.state_dict().items()}


def completed(argument):
    """cc-model's version of a configuration, with heads and ratios made explicit; None if it is refused."""
    run = subprocess.run(["cc-model", "config", argument], capture_output=True, text=True)
    if run.returncode:
        return None
    config = json.loads(run.stdout)["model_cfg"]
    vision = config["vision_cfg"]
    config["quick_gelu"] = bool(config.get("quick_gelu"))
    vision.pop("patch_size") if vision.get("patch_size", 1) is None else None
    return config | {"vision_cfg": {"head_width": 64, **({"mlp_ratio": 4} if "patch_size" in vision else {}), **vision}}


folder = os.path.join(open_clip_model.FOLDER, "model_configs")
by_name = 0
counts = {"accepted": 0, "refused": 0, "wrong": 0}
for file in sorted(os.listdir(folder)):
    path = os.path.join(folder, file)
    with open(path) as f:
        config = json.load(f)
    run = subprocess.run(["cc-model", "tensor", "--json", path], capture_output=True, text=True)
    if run.returncode == 1:
        said = run.stderr.split(file + ": ", 1)[-1].split(": ")
        named = any(part in set(keys(config)) - {"vision_cfg", "text_cfg"} for part in said)
        counts["refused" if named else "wrong"] += 1
        if not named:
            print("no switch is named:", run.stderr.strip())
        if "-v" in sys.argv:
            print(run.stderr.strip())
        continue
    ours = {t["name"]: t["shape"] for t in map(json.loads, run.stdout.splitlines())}
    wanted = theirs(config)
    named = completed(file[:-5])
    good = run.returncode == 0 and ours == wanted and named in (None, completed(path))
    by_name += named is not None
    counts["accepted" if good else "wrong"] += 1
    if not good:
        print(f"{file}: other parameters:", sorted(set(ours) ^ set(wanted))[:4], run.stderr.strip())
print(by_name, "known by name")
print(*(f"{n} {what}" for what, n in counts.items()), sep=", ")
