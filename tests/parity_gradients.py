"""A step of CleanCLIP at full size against open_clip in float64: the loss, each parameter's gradient and batch norm's statistics; a second
step's loss; and the trained model, given back to open_clip.
    build/venv/bin/python tests/parity_gradients.py [NAME...]        (NAME as open_clip's; BATCH=N: pairs in a step)
The last gains of a ResNet's blocks are small, as in trained models: else float32's rounding, with PyTorch too, moves gradients by a tenth.
Gradients are read from the optimiser's first moment after one step, 1 - beta1 of them, in the state that `cc-train --save-every 1` leaves
where its stream breaks off.  Beside ours stands what PyTorch's own float32 makes of it.  One line each; exits 1 if any is above its tolerance,
which for a gradient is 1e-4, or twice the error of PyTorch in float32 if that is larger."""
import gc
import json
import os
import sys
import tempfile

from parity_peer import *
import parity_peer as peer
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

MODELS = ["RN50", "ViT-B-32-quickgelu"]
BATCH = int(os.environ.get("BATCH", 8))
LR, DECAY, BETAS, LAMBDA1, LAMBDA2 = 1e-5, 0.1, (0.9, 0.999), 1.0, 2.0


def make_stream(folder):
    """Two batches with their views: (the stream, the stream truncated after the first batch, its batches)."""
    shard = os.path.join(folder, "photos.tar")
    write_shard(shard, photographs(2 * BATCH))
    stream = run("cc-augment", "--size", 224, "--image", "autoaugment", "--text", "eda", stdin=run("cc-shard", "read", shard))
    unpacker, seen, end = msgpack.Unpacker(io.BytesIO(stream), max_buffer_size=1 << 31), 0, 0
    while seen < BATCH:
        seen += "__key__" in unpacker.unpack()
        end = unpacker.tell()
    fields = [np.concatenate([tensors(stream, f)[i : i + BATCH] for f in ("rgb.npy", "aug.rgb.npy")]) for i in (0, BATCH)]
    texts = [sum((captions_of(stream, f)[i : i + BATCH] for f in ("txt", "aug.txt")), []) for i in (0, BATCH)]
    return stream, stream[:end], [(open_clip_model.normalised(torch.from_numpy(p)), tokens(t)) for p, t in zip(fields, texts)]


def losses(model, batch):
    """Total, cross-modal, self-supervised."""
    def nce(rows, columns):
        return F.cross_entropy(scale * rows @ columns.T, torch.arange(BATCH))

    pixels, ids = batch
    scale = model.logit_scale.exp()
    image, view = model.encode_image(pixels.to(scale.dtype), normalize=True).split(BATCH)
    text, text_view = model.encode_text(ids, normalize=True).split(BATCH)
    cross_modal = (nce(image, text) + nce(text, image)) / 2
    self_supervised = (nce(image, view) + nce(text, text_view)) / 2
    return LAMBDA1 * cross_modal + LAMBDA2 * self_supervised, cross_modal, self_supervised


def gradients(model, batch):
    model.train()
    model.zero_grad()
    all_losses = losses(model, batch)
    all_losses[0].backward()
    return [x.item() for x in all_losses], {k: p.grad for k, p in model.named_parameters()}


def without_key_bias(name, x):
    """The gradient of a key's bias is zero except for rounding."""
    if name.endswith("in_proj_bias"):
        width = len(x) // 3
        return torch.cat([x[:width], x[2 * width :]])
    return x


def worst(ours, theirs):
    """The largest relative error over all parameters, of the norm and of the tensor, and where it is."""
    names = [k for k in theirs if not k.endswith("k_proj.bias")]
    norms, wholes = [], []
    for k in names:
        a, b = without_key_bias(k, ours[k]).double(), without_key_bias(k, theirs[k]).double()
        norms.append((abs(a.norm() / b.norm() - 1).item(), k))
        wholes.append(((a - b).norm() / b.norm()).item())
    return max(norms), (max(wholes), names[int(np.argmax(wholes))])


def from_state(path, kind):
    """In PyTorch's layout: the channels of a convolution come before its pixels."""
    prefix = f"state.{kind}."
    found = {k[len(prefix) :]: v for k, v in load_file(path).items() if k.startswith(prefix)}
    return {k: v.permute(0, 3, 1, 2) if v.dim() == 4 else v for k, v in found.items()}


def compare_losses(what, line, theirs, tolerance):
    for name, wanted in zip(("loss", "cross_modal", "self_supervised"), theirs):
        report(f"{what}: {name} {wanted:.6f}", abs(line[name] / wanted - 1), tolerance)


def one_model(name, folder, merges):
    model = random_model(name)
    for key, gain in model.named_parameters():
        if key.endswith("bn3.weight"):
            gain.data *= 0.2
    state = {k: v.clone() for k, v in model.state_dict().items()}
    weights, ours, out = (os.path.join(folder, f) for f in ("weights.safetensors", "ours.safetensors", "out.safetensors"))
    save_file(state, weights)
    run("cc-model", "import", weights, "--activation", "quick_gelu" if "quickgelu" in name else "gelu", "--vocab", merges, "-o", ours)
    stream, first, batches = make_stream(folder)
    command = ["cc-train", "cleanclip", "-m", ours, "-o", out, "--batch", BATCH, "--lr", LR, "--wd", DECAY, "--warmup", 0,
               "--betas", ",".join(map(str, BETAS)), "--lambda1", LAMBDA1, "--lambda2", LAMBDA2, "--save-every", 1, "--resume"]
    line = json.loads(run(*command, stdin=first, fails=True).splitlines()[-1])
    single = {k: g.clone() for k, g in gradients(model, batches[0])[1].items()}
    model.load_state_dict(state)
    theirs, wanted = gradients(model.double(), batches[0])
    norm32, whole32 = worst(single, wanted)
    moments = {k: v / (1 - BETAS[0]) for k, v in from_state(out + ".state", "first").items()}
    what = f"{name}, {BATCH} pairs and their views"
    compare_losses(f"{what}, step 1", line, theirs, 1e-5)
    report_same(f"{what}: {len(wanted)} gradients", moments.keys() == wanted.keys())
    norm, whole = worst(moments, wanted)
    report(f"{what}: norm of each gradient", norm[0], max(1e-4, 2 * norm32[0]), f"; {norm[1]}; PyTorch's float32: {norm32[0]:.2g}")
    report(f"{what}: each gradient as a whole", whole[0], max(1e-4, 2 * whole32[0]), f"; {whole[1]}; PyTorch's float32: {whole32[0]:.2g}")
    total, total32 = (sum(g.double().norm() ** 2 for g in all_of.values()).sqrt().item() for all_of in (wanted, single))
    total32 = abs(total32 / total - 1)
    report(f"{what}: norm of all gradients {total:.6f}", abs(line["gradient_norm"] / total - 1), max(1e-5, 2 * total32))
    compare_statistics(what, out + ".state", model)
    second_step(what, model, batches[1], command, stream)
    give_back(name, out, stream)


def compare_statistics(what, path, model):
    there = load_file(path)
    running = {k: b for k, b in model.named_buffers() if "running" in k}
    if running:
        away = max((((there[k] - b).norm() / b.norm()).item(), k) for k, b in running.items())
        report(f"{what}: {len(running)} running statistics", away[0], 1e-5, f"; {away[1]}")


def second_step(what, model, batch, command, stream):
    """AdamW's first step, whose moments are the gradient and its square."""
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
    torch.optim.AdamW(groups, lr=LR, betas=BETAS, foreach=False).step()
    with torch.no_grad():
        model.logit_scale.clamp_(0, np.log(100))
        model.zero_grad()
        theirs = [x.item() for x in losses(model, batch)]
    line = json.loads(run(*command, stdin=stream).splitlines()[-1])
    compare_losses(f"{what}, step 2", line, theirs, 1e-4)


@torch.no_grad()
def give_back(name, path, stream):
    gc.collect()
    model = open_clip.create_model(name, pretrained=path).eval()
    embedded = run("cc-embed", "-m", path, "--image", "--text", "--raw", stdin=stream)
    images = model.encode_image(open_clip_model.normalised(torch.from_numpy(tensors(stream, "rgb.npy")))).numpy()
    texts = model.encode_text(tokens(captions_of(stream))).numpy()
    what = f"open_clip.create_model({name!r}, pretrained={os.path.basename(path)!r}), trained two steps"
    report(f"{what}: images", distance(tensors(embedded, "image.npy"), images), 1e-4)
    report(f"{what}: captions", distance(tensors(embedded, "text.npy"), texts), 1e-4)
    other = name.removesuffix("-quickgelu") if "quickgelu" in name else name + "-quickgelu"
    model = open_clip.create_model(other, pretrained=path).eval()
    away = distance(tensors(embedded, "text.npy"), model.encode_text(tokens(captions_of(stream))).numpy())
    report_same(f"{what}: captions by the wrong name, {other}, are other ones", away > 1e-3, f": {away:.2g} away")


def main():
    for name in sys.argv[1:] or MODELS:
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
            one_model(name, folder, vocabulary(folder))
    sys.exit(peer.failed)


main()
