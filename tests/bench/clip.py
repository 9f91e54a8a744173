"""clip.py ROUNDS [WORD]...: called by clip.sh.  Ours and PyTorch take turns, one batch each; the best and the median of all.
A WORD picks the lines that hold it.  BATCH in the environment is another one than 32.  Where memory for both is missing they
are not there at the same time: each turn is a process of its own, whose first batch is not counted."""
import json
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
    """A program that computes one batch for each line of input."""

    def __init__(self, command, lengths):
        self.command, self.lengths, self.process, self.times, self.last = command, lengths, None, [], []

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, OMP_NUM_THREADS=str(threads)))
        self.process.stdin.write(" ".join(map(str, self.lengths)) + "\n")
        self.once()
        self.times.pop()

    def once(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("%s failed" % " ".join(self.command))
        self.times.append(tuple(map(float, line.split())))

    def end(self):
        self.process.stdin.close()
        last = [float(word) for word in self.process.stdout.read().split()]
        self.process.wait()
        self.last = [max(pair) for pair in zip(last, self.last)] if self.last else last

    def turn(self, apart):
        if apart:
            self.start()
        self.once()
        if apart:
            self.end()

    def __str__(self):
        wall, cpu = [t[0] for t in self.times], [t[1] for t in self.times]
        return "best %7.3f s, median %7.3f s, CPU %7.3f s, %7.1f MB" % (min(wall), statistics.median(wall), min(cpu), self.last[0] / 1024)


def memory_is_short(bytes_of_one):
    with open("/proc/meminfo") as meminfo:
        free = next(int(line.split()[1]) for line in meminfo if line.startswith("MemAvailable")) * 1024
    if free < 1.3 * bytes_of_one:
        sys.exit("# SKIP: %.1f GB for one of them, %.1f are free" % (bytes_of_one / 1e9, free / 1e9))
    return free < 2.5 * bytes_of_one


def compare(title, mode, model, batch, lengths, layout=()):
    if picked and not any(word in title for word in picked):
        return
    config = "pipelines/models/%s.json" % model
    ours = Side(["build/bench/bench_clip", config, mode, str(batch), str(threads)], lengths)
    theirs = Side([peer, "tests/bench/clip_peer.py", model, mode, str(batch), str(threads), *layout], lengths)
    sides = (ours, theirs) if os.path.exists(peer) else (ours,)
    cost = json.loads(subprocess.check_output(["build/bin/cc-model", "info", "--json", "--batch", str(batch), config]))["cost"]
    apart = memory_is_short(cost["bytes_cleanclip"] if mode == "step" else 2e9)
    for side in sides if not apart else ():
        side.start()
    for _ in range(rounds):
        for side in sides:
            side.turn(apart)
    for side in sides if not apart else ():
        side.end()
    _, flops, peak = ours.last
    rates = [(3 if mode == "step" else 1) * flops / min(t[i] for t in ours.times) * 1e-9 for i in (0, 1)]
    print("%s%s" % (title, " (one at a time)" if apart else ""))
    print("  ours     %s" % ours)
    print("  %.0f GFLOP: %.0f GFLOPS in wall-clock time, %.0f per core in CPU time, %.2f of sgemm's %.0f" % (
        (3 if mode == "step" else 1) * flops * 1e-9, rates[0], rates[1], rates[1] / peak * 1e9, peak * 1e-9))
    if len(sides) > 1:
        best, median, cpu = (f(t[i] for t in theirs.times) / f(t[i] for t in ours.times)
                             for f, i in ((min, 0), (statistics.median, 0), (min, 1)))
        print("  PyTorch  %s" % theirs)
        print("  %.2f times PyTorch's speed (best), %.2f (median), %.2f (CPU); memory %.2f of its" % (
            best, median, cpu, ours.last[0] / theirs.last[0]), flush=True)


print("%d threads, load %.1f; captions of %d to %d tokens, mean %.1f" % (threads, os.getloadavg()[0], min(captions), max(captions),
                                                                        statistics.mean(captions)))
batch = int(os.environ.get("BATCH", 32))
for model, layout in (("ViT-B-32", ()), ("RN50", ("channels_last",))):
    compare("embed %s, %d images" % (model, 2 * batch), "embed", model, 2 * batch, captions, layout)
    compare("step %s, batch %d, captions" % (model, batch), "step", model, batch, captions, layout)
    compare("step %s, batch %d, equal work: 77 tokens" % (model, batch), "step", model, batch, [77], layout)
