"""An archive with the layout of CIFAR-10's binary version: cifar_archive.py FILE RECORDS_PER_BATCH.

Image i (counted over all batches, the test batch last) has label i % 10; it shows a square of its own colour on noise."""
import io
import random
import sys
import tarfile

NAMES = "airplane automobile bird cat deer dog frog horse ship truck".split()


def image(i):
    noise = random.Random(i)
    planes = [bytearray(noise.randbytes(1024)) for _ in range(3)]
    for plane, value in zip(planes, (i % 251, i // 251, 255 - 25 * (i % 10))):
        for y in range(8, 24):
            plane[32 * y + 8:32 * y + 24] = bytes([value]) * 16
    return bytes([i % 10]) + b"".join(planes)


def main(path, per_batch):
    members = [(f"data_batch_{b + 1}.bin", b) for b in range(5)] + [("test_batch.bin", 5)]
    with tarfile.open(path, "w:gz") as archive:
        def add(name, data):
            member = tarfile.TarInfo("cifar-10-batches-bin/" + name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        add("batches.meta.txt", ("\n".join(NAMES) + "\n\n").encode())
        add("readme.html", b"<html></html>\n")
        for name, b in members:
            add(name, b"".join(image(i) for i in range(b * per_batch, (b + 1) * per_batch)))


main(sys.argv[1], int(sys.argv[2]))
