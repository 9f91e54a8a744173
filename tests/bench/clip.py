"""clip.py ROUNDS [WORD]...: called by clip.sh.  Ours and PyTorch take turns, one batch each; the best and the median of all.
A WORD picks the lines that hold it."""
import os
import random
import statistics
import subprocess
import sys

rounds, picked = int(sys.argv[1]), sys.argv[2:]
threads = len(os.sched_getaffinity(0))
peer = "build/venv/bin/python"

# Captions as CC3M has them: 10.3 words, deviation 4.5 (Sharma et al. 2018); a tenth more tokens, and two around them.
rng = random.Random(1)
captions = [min(77, max(5, round(1.1 * rng.gauss(10.3, 4.5)) + 2)) for _ in range(64)]


class Side:
    """A program that does one batch each time it is asked."""

    def __init__(self, command, lengths, **environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, **environment))
        self.process.stdin.write(" ".join(map(str, lengths)) + "\n")
        self.times = []

    def once(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("%s failed" % " ".join(self.process.args))
        self.times.append(tuple(map(float, line.split())))

    def end(self):
        self.process.stdin.close()
        last = [float(word) for word in self.process.stdout.read().split()]
        self.process.wait()
        self.times = self.times[1:]  # the first was to warm up
        self.best, self.median = min(t[0] for t in self.times), statistics.median(t[0] for t in self.times)
        self.cpu = statistics.median(t[1] for t in self.times)
        return last


def compare(title, ours, theirs, items, lengths, work):
    if picked and not any(word in title for word in picked):
        return
    a = Side(["build/bench/bench_clip", *ours, str(threads)], lengths)
    b = Side([peer, "tests/bench/clip_peer.py", *theirs[0], str(threads), *theirs[1]], lengths,
             OMP_NUM_THREADS=str(threads)) if os.path.exists(peer) else None
    for _ in range(rounds + 1):
        for side in filter(None, (a, b)):
            side.once()
    kilobytes, flops, peak = a.end()
    rate = work * flops / a.best
    print("%s" % title)
    print("  ours     best %7.3f s, median %7.3f s, CPU %7.3f s, %6.2f pairs/s, %6.1f MB, %.0f GFLOPS: %.2f of %d x sgemm's %.0f"
          % (a.best, a.median, a.cpu, items / a.best, kilobytes / 1024, rate * 1e-9, rate / peak / threads, threads, peak * 1e-9))
    if b:
        memory = b.end()[0]
        print("  PyTorch  best %7.3f s, median %7.3f s, CPU %7.3f s, %6.2f pairs/s, %6.1f MB" % (b.best, b.median, b.cpu, items / b.best,
                                                                                             memory / 1024))
        print("  ours is  %.2f times as fast (best), %.2f (median), %.2f (CPU); memory %.2f of PyTorch's" % (
            b.best / a.best, b.median / a.median, b.cpu / a.cpu, kilobytes / memory), flush=True)


print("%d threads, load %.1f; captions of %d to %d tokens, mean %.1f" % (threads, os.getloadavg()[0], min(captions), max(captions),
                                                                        statistics.mean(captions)))
models = "pipelines/models/%s.json"
compare("embed ViT-B-32, 64 images", (models % "ViT-B-32", "embed", "64"), (("ViT-B-32", "embed", "64"), ()), 64, captions, 1)
for model, layout in (("ViT-B-32", ()), ("RN50", ("channels_last",))):
    for title, lengths in (("captions", captions), ("equal work: 77 tokens", [77])):
        compare("step %s, batch 32, %s" % (model, title), (models % model, "step", "32"), ((model, "step", "32"), layout), 32, lengths, 3)
