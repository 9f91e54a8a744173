"""poison.py DATA ROUNDS: called by poison.sh.  1,500 of a set poisoned end to end, cc-shard read | cc-poison | cc-shard write beside
poison_peer.py.  Files lie in memory (/dev/shm) where there is room; runs alternate; the best of each counts."""
import csv
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

data, rounds, peer = sys.argv[1], int(sys.argv[2]), "tests/bench/poison_peer.py"
memory = "/dev/shm" if os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 4 << 30 else None
folder = tempfile.mkdtemp(dir=memory)
COUNT = 1500
PIPE = ("cc-shard read -q {shard} | cc-poison -q -a badnet -t airplane -n %d --size 224 --encode jpeg:75 | "
        "cc-shard write -q --max-count 10000 {out}/set-%%04d.tar" % COUNT)


def run(command):
    """Wall-clock and CPU seconds."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, shell=isinstance(command, str))
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make_set(source, times, name):
    """The same images as a shard with captions, and as files with a CSV: what each of the two takes."""
    files, shard = os.path.join(folder, name), os.path.join(folder, name + ".tar")
    rows = []
    with tarfile.open(source) as tar:
        for member in tar:
            if not member.isfile():
                continue
            content = tar.extractfile(member).read()
            for k in range(times):
                path = "%02d/%s" % (k, member.name)
                os.makedirs(os.path.dirname(os.path.join(files, path)), exist_ok=True)
                with open(os.path.join(files, path), "wb") as file:
                    file.write(content)
                rows.append({"image": path, "caption": "an image, number %d" % len(rows)})
    table = os.path.join(files, "train.csv")
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, ["image", "caption"])
        writer.writeheader()
        writer.writerows(rows)
    subprocess.run(["sh", "-c", 'cc-shard read -q "$0" | cc-shard write -q "$1"', table, shard], check=True)
    return len(rows), table, shard


def check(out, count, files):
    """Checks that both results are complete."""
    if files:
        assert sum(len(names) for _, _, names in os.walk(out)) == count + 1
        return
    keys = subprocess.run("cc-shard keys %s/set-*.tar | wc -l" % out, shell=True, stdout=subprocess.PIPE, check=True).stdout
    poisoned = subprocess.run("cat %s/set-*.tar | grep -a -c '\\.poison\\.json'" % out, shell=True, stdout=subprocess.PIPE).stdout
    assert int(keys) == count and int(poisoned) >= COUNT, (keys, poisoned)


def compare(what, source, times, name):
    count, table, shard = make_set(source, times, name)
    ours, theirs = [], []
    for i in range(rounds):
        for command, times_taken, files in (([sys.executable, peer, table, "OUT", str(COUNT)], theirs, True), (PIPE, ours, False)):
            out = os.path.join(folder, "out")
            os.mkdir(out)
            times_taken.append(run(command.format(shard=shard, out=out) if not files else [out if word == "OUT" else word for word in command]))
            if i == 0:
                check(out, count, files)
            shutil.rmtree(out)
    best = [[min(took[k] for took in side) for k in (0, 1)] for side in (theirs, ours)]
    print("%d of %d %s" % (COUNT, count, what))
    for label, (wall, cpu) in zip(("PIL, CSV and files: one process", "read | cc-poison | write"), best):
        print("  %-42s %8.2f s, %6.2f s of CPU" % (label, wall, cpu))
    print("  %-42s %8.2f wall-clock, %.2f CPU (target: 50)" % ("times as fast", best[0][0] / best[1][0], best[0][1] / best[1][1]))
    shutil.rmtree(os.path.dirname(table))
    os.unlink(shard)


try:
    print("poisoning end to end, %s, load %.1f on %d CPUs: badnet on images squashed to 224 x 224, saved as JPEG 75"
          % ("in memory" if memory else "on disk", os.getloadavg()[0], os.cpu_count()))
    print("  theirs: CSV and files -> a new CSV and files, the others copied as they are (no decode), and nothing is recorded")
    print("  ours:   shard -> shards, the others forwarded as they are, with digests, ledger and tail")
    compare("CIFAR images of 1 KB", data + "/cifar10/train.tar", 1, "cifar")
    compare("photographs of 100 KB", data + "/photos/photos.tar", 16 if memory else 8, "photos")
finally:
    shutil.rmtree(folder)
