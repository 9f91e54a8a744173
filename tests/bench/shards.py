"""shards.py DATA ROUNDS: called by shards.sh.  Files lie in memory (/dev/shm) where there is room; runs alternate; medians."""
import concurrent.futures
import copy
import io
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time

data, rounds = sys.argv[1], int(sys.argv[2])
memory = "/dev/shm" if os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 4 << 30 else None
folder = tempfile.mkdtemp(dir=memory)
COPY = """
import sys, tarfile
with tarfile.open(sys.argv[1]) as source, tarfile.open(sys.argv[2], "w") as copy:
    for member in source:
        if member.isfile():
            copy.addfile(member, source.extractfile(member))
"""


def multiply(source, times, path):
    """The members of a tar, `times` times, under different names."""
    with tarfile.open(source) as old, tarfile.open(path, "w") as new:
        members = [(m, old.extractfile(m).read()) for m in old if m.isfile()]
        for k in range(times):
            for member, content in members:
                member = copy.copy(member)
                member.name = "%03d/%s" % (k, member.name)
                new.addfile(member, io.BytesIO(content))
    return len(members) * times, sum(len(c) for _, c in members) * times


def run(*stages):
    """Runs a pipe whose last stage writes to OUT; returns seconds."""
    out, last, started = os.path.join(folder, "out.tar"), None, []
    if os.path.exists(out):
        os.unlink(out)
    begin = time.perf_counter()
    for i, stage in enumerate(stages):
        process = subprocess.Popen([out if word == "OUT" else word for word in stage], stdin=last,
                                   stdout=subprocess.PIPE if i + 1 < len(stages) else None)
        if last:
            last.close()
        last = process.stdout
        started.append(process)
    for process in started:
        if process.wait():
            sys.exit("%s failed" % " ".join(process.args[:2]))
    return time.perf_counter() - begin


def peak(process):
    """The peak memory of a running process (wait4's figure would include this program's own)."""
    most = 0
    while process.poll() is None:
        try:
            with open("/proc/%d/status" % process.pid) as status:
                most = max([most] + [int(line.split()[1]) for line in status if line.startswith("VmHWM")])
        except OSError:
            break
        time.sleep(0.01)
    return most / 1024


def peaks(*stages):
    reader = subprocess.Popen(stages[0], stdout=subprocess.PIPE)
    writer = subprocess.Popen(stages[1], stdin=reader.stdout)
    reader.stdout.close()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return tuple(pool.map(peak, (reader, writer)))


def compare(name, path, unit, amount):
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(run([sys.executable, "-c", COPY, path, "OUT"]))
        ours.append(run(["cc-shard", "read", path], ["cc-shard", "write", "OUT"]))
    a, b = amount / statistics.median(ours), amount / statistics.median(theirs)
    print("  %-44s %10.0f %s; Python's tarfile %8.0f: %5.2f times" % (name, a, unit, b, a / b))
    return statistics.median(ours)


try:
    photos, cifar, more = (os.path.join(folder, name) for name in ("photos.tar", "cifar.tar", "more-%d.tar"))
    _, size = multiply(data + "/photos/photos.tar", 16 if memory else 4, photos)
    count, _ = multiply(data + "/cifar10/train.tar", 1, cifar)
    print("read | write, %s, load %.1f on %d CPUs, Python %s" % ("in memory" if memory else "on disk", os.getloadavg()[0], os.cpu_count(),
                                                                 sys.version.split()[0]))
    compare("photographs, about 100 KB each", photos, "MB/s", size / 1e6)
    compare("members of 1 KB", cifar, "members/s", count)
    cats = [run(["cat", photos], ["sh", "-c", 'exec cat >"$0"', "OUT"]) for _ in range(rounds)]
    print("  %-44s %10.0f MB/s" % ("for comparison: cat photographs | cat >FILE", size / 1e6 / statistics.median(cats)))
    captions = os.path.join(folder, "captions.tar")
    subprocess.run("cc-shard read --folders --templates default %s | cc-shard write %s" % (cifar, captions), shell=True, check=True)
    plain, poisoned = [], []
    for _ in range(rounds):
        plain.append(run(["cc-shard", "read", captions], ["cc-shard", "write", "OUT"]))
        poisoned.append(run(["cc-shard", "read", captions], ["cc-poison", "--attack", "badnet:patch=5", "--size", "32", "--target", "airplane", "-n", str(count // 100)],
                            ["cc-shard", "write", "OUT"]))
    print("  %-44s %10.1f %% more time" % ("cc-poison -n of 1 % in between", 100 * (statistics.median(poisoned) / statistics.median(plain) - 1)))
    for times in (1, 10):
        shards = [more % k for k in range(times)]
        for shard in shards:
            shutil.copyfile(cifar, shard)
        print("  %-44s %10.1f and %.1f MB" % ("peak memory of read and write, %d records" % (count * times), *peaks(
            ["cc-shard", "read"] + shards, ["cc-shard", "write", "--max-count", str(count), os.path.join(folder, "out-%d.tar")])))
finally:
    shutil.rmtree(folder)
