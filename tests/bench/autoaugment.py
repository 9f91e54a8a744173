"""autoaugment.py ROUNDS FILE...: AutoAugment and preprocessing by Pillow, as torchvision puts it together, beside bench_augment: the same
files from their JPEG bytes, the same pairs, both steps of each, one thread each, taking turns; the best round of each counts."""
import subprocess
import sys
import time

try:
    import PIL
    sys.path.insert(0, "tests/golden")
    from image_reference import autoaugment, decode, preprocess
except ImportError as error:
    sys.exit("# SKIP Pillow: %s" % error)

rounds, names = int(sys.argv[1]), sys.argv[2:]
files = [open(name, "rb").read() for name in names]


def one_pass():
    start = time.process_time()
    for k, data in enumerate(files):
        preprocess(autoaugment(decode(data), k % 25), 224).tobytes()
    return 1e6 * (time.process_time() - start) / len(files)


for data in files[:25]:
    autoaugment(decode(data), files.index(data) % 25)
ours, theirs = [], []
for _ in range(rounds):
    ours.append(float(subprocess.run(["build/bench/bench_augment"] + names, stdout=subprocess.PIPE, check=True).stdout))
    theirs.append(one_pass())
print("AutoAugment (both steps of each of its 25 pairs) and preprocessing of %d photographs to 224 x 224, one thread" % len(files))
print("  %-42s %8.1f us of CPU an image" % ("Pillow " + PIL.__version__, min(theirs)))
print("  %-42s %8.1f us of CPU an image   %.2f times as fast (target: 4)" % ("cc-augment", min(ours), min(theirs) / min(ours)))
