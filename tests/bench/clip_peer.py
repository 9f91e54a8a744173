"""bench_clip's peer: open_clip's model in PyTorch, the same protocol.
usage: clip_peer.py MODEL embed|step BATCH THREADS [channels_last] [cut]   LENGTHS on the first line of standard input
cut: texts end where the longest of the batch ends, as ours do (open_clip computes the whole context)."""
import os
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
import open_clip_model  # noqa: E402

name, mode, batch, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
channels_last, cut = "channels_last" in sys.argv[5:], "cut" in sys.argv[5:]
lengths = [int(word) for word in sys.stdin.readline().split()]
torch.set_num_threads(threads)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)
torch.manual_seed(1)

model = open_clip_model.CLIP(**open_clip_model.published(name))
rows = batch * (1 if mode == "embed" else 2)
images = torch.randn(rows, 3, 224, 224)
texts = torch.randint(1, 49000, (rows, model.context_length))
for i in range(rows):
    length = lengths[i % len(lengths)] if lengths else model.context_length
    texts[i, length - 1 :] = 0
    texts[i, length - 1] = 49407
if cut:
    longest = max(lengths)
    texts = texts[:, :longest]
    model.positional_embedding = torch.nn.Parameter(model.positional_embedding.detach()[:longest].clone())
    model.register_buffer("attn_mask", model.attn_mask[:longest, :longest].clone(), persistent=False)
if channels_last:
    model, images = model.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
if mode == "embed":
    model.eval()
else:
    decays = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    optimiser = torch.optim.AdamW([{"params": decays, "weight_decay": 0.1}, {"params": others, "weight_decay": 0}], lr=1e-7,
                                  betas=(0.9, 0.999), eps=1e-8, fused=True)
target = torch.arange(batch)


def embed():
    with torch.inference_mode():
        return model.encode_image(images, normalize=True)


def step():
    image, text = model.encode_image(images, normalize=True), model.encode_text(texts, normalize=True)
    scale = model.logit_scale.exp()
    logits = scale * image[:batch] @ text[:batch].T
    cross_modal = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
    self_supervised = (F.cross_entropy(scale * image[:batch] @ image[batch:].T, target)
                       + F.cross_entropy(scale * text[:batch] @ text[batch:].T, target)) / 2
    optimiser.zero_grad(set_to_none=True)
    (cross_modal + self_supervised).backward()
    optimiser.step()
    with torch.no_grad():
        model.logit_scale.clamp_(0, 4.6051702)


for _ in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    step() if mode == "step" else embed()
    print("%.6f %.6f" % (time.perf_counter() - wall, time.process_time() - cpu), flush=True)
with open("/proc/self/status") as status:
    print(next(int(line.split()[1]) for line in status if line.startswith("VmHWM")))
