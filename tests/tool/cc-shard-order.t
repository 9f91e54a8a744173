#!/bin/sh
# cc-shard read: orders, epochs and parts; CIFAR-10 batches.
. "$(dirname "$0")/lib.sh"

make() { python3 tests/tool/make_tar.py "$@"; }
keys() { cc-shard read "$@" | cc-shard keys; }
one_line() { tr '\n' ' '; }
# The keys of all epochs; "|0|" stands for an epoch mark.
epochs() { cc-shard read "$@" | cc-view | jq -r 'if has("cc_epoch") then "|\(.cc_epoch)|" else .__key__ // empty end' | one_line; }

make --samples=1000 "$T/n.tar"
digest=$(cc-shard digest "$T/n.tar")
cc-shard read "$T/n.tar" | cc-shard write --max-count 150 "$T/s-%d.tar"
cc-shard read "$T/n.tar" | cc-shard write "$T/one.tar"
mkdir "$T/folder"
tar xf "$T/n.tar" -C "$T/folder"

# The exact shuffle is a function of seed, epoch and key.
keys --shuffle "$T/n.tar" >"$T/order"
is "it differs from the order of the tar" "$(cmp -s "$T/order" - <<EOF || echo yes
$(keys "$T/n.tar")
EOF
)" yes
ok "it has all records" sh -c "sort '$T/order' | uniq | wc -l | grep -qx 1000"
ok "a second run gives the same order" sh -c "cc-shard read --shuffle '$T/n.tar' | cc-shard keys | cmp - '$T/order'"
ok "seven shards give the same order" sh -c "cc-shard read --shuffle '$T/s-{0..6}.tar' | cc-shard keys | cmp - '$T/order'"
ok "whatever the order of the shards" sh -c "cc-shard read --subset --shuffle '$T/s-{6..0}.tar' | cc-shard keys | cmp - '$T/order'"
ok "a folder gives the same order" sh -c "cc-shard read --shuffle '$T/folder' | cc-shard keys | cmp - '$T/order'"
ok "and the same records" sh -c "cc-shard read --shuffle '$T/s-{0..6}.tar' | cc-view | grep __key__ >'$T/1'; cc-shard read --shuffle '$T/folder' | cc-view | grep __key__ | jq -c '{__key__, txt, cls}' >'$T/2'; jq -c '{__key__, txt, cls}' '$T/1' | cmp - '$T/2'"
is "the digest does not depend on the order" "$(cc-shard read --shuffle "$T/s-{0..6}.tar" | cc-shard digest)" "$digest"
is "another seed gives another order" "$(keys --shuffle --seed 1 "$T/n.tar" | cmp -s - "$T/order" || echo yes)" yes
keys --shuffle --skip 300 --take 100 "$T/s-{0..6}.tar" >"$T/part"
ok "--skip and --take count in the shuffled order" sh -c "tail -n +301 '$T/order' | head -100 | cmp - '$T/part'"
is "the tail has the digest of the records sent" "$(cc-shard read --shuffle --take 10 "$T/n.tar" | cc-view | tail -1 | jq -r .digest)" \
	"$(cc-shard read --shuffle --take 10 "$T/n.tar" | cc-shard digest | cut -d ' ' -f 1)"

# Epochs.
is "--epochs repeats the records, with epoch marks" "$(epochs --epochs 3 --take 2 "$T/n.tar")" "|0| s/000000 s/000001 |1| s/000000 s/000001 |2| s/000000 s/000001 "
is "the header has the number of epochs, and the records of one" "$(cc-shard read --epochs 3 "$T/n.tar" | cc-view | head -1 | jq -c '[.epochs, .records]')" '[3,1000]'
is "the tail counts all, and has the digest of one" "$(cc-shard read --epochs 2 --shuffle "$T/n.tar" | cc-view | tail -1 | jq -r '"\(.digest) \(.records)"')" "${digest% *} 2000"
is "each epoch has its own order" "$(epochs --epochs 3 --shuffle "$T/n.tar" | tr '|' '\n' | grep s/ | sort -u | wc -l)" 3
is "the first epoch is that of a run without --epochs" "$(epochs --epochs 2 --shuffle --take 5 "$T/n.tar" | sed 's/|1|.*//; s/|0| //' | tr -d '\n')" "$(head -5 "$T/order" | one_line)"
fails_with "read only once" cc-shard read --epochs 2 - <"$T/n.tar"
fails_with "several epochs" sh -c "cc-shard read --epochs 2 '$T/n.tar' | cc-shard write '$T/e.tar'"
ok "no shard is written" test ! -e "$T/e.tar"

# A shuffle buffer; its order depends on the order of the input.
ok "--shuffle=N from a pipe" sh -c "cat '$T/n.tar' | cc-shard read --shuffle=100 - | cc-shard keys >'$T/buffered'"
is "gives all records" "$(sort -u "$T/buffered" | wc -l)" 1000
is "in another order" "$(sort -c "$T/buffered" 2>/dev/null || echo yes)" yes
ok "the same seed gives the same order" sh -c "cc-shard read --shuffle=100 '$T/n.tar' | cc-shard keys | cmp - '$T/buffered'"
gzip -c "$T/n.tar" >"$T/n.tar.gz"
fails_with "--shuffle=N" cc-shard read --shuffle "$T/n.tar.gz"
fails_with "--shuffle=N" cc-shard read --shuffle - <"$T/n.tar"
fails_with "--lenient" cc-shard read --shuffle --lenient "$T/n.tar"

# Parts of a split.
for source in "$T/n.tar" "$T/s-{0..6}.tar" "$T/folder" "$T/n.tar.gz"; do
	for parts in 1 3 8; do
		for part in $(seq 0 $((parts - 1))); do keys --split "$part/$parts" "$source"; done >"$T/union"
		is "$parts parts of $(basename "$source") hold every record once" "$(sort "$T/union" | uniq | wc -l) $(wc -l <"$T/union")" "1000 1000"
	done
done
is "their digests add up" "$(for part in 0 1 2; do cc-shard read --split $part/3 "$T/one.tar" | cc-shard write "$T/part-$part.tar"; done; cc-shard digest "$T/part-{0..2}.tar")" "$digest"
is "the header has the count of the part" "$(cc-shard read --split 2/3 "$T/n.tar" | cc-view | head -1 | jq .records)" "$(keys --split 2/3 "$T/n.tar" | wc -l)"
ok "a part is shuffled within itself" sh -c "cc-shard read --split 1/3 --shuffle '$T/n.tar' | cc-shard keys | sort >'$T/1'; cc-shard read --split 1/3 '$T/n.tar' | cc-shard keys | sort | cmp -s - '$T/1'"

# CIFAR-10's binary batches: files, a folder, the official archive.
mkdir "$T/cifar-10-batches-bin"
python3 - "$T/cifar-10-batches-bin" <<'EOF'
import random, sys
random.seed(1)
for name in ("data_batch_1", "data_batch_2", "test_batch"):
    with open(f"{sys.argv[1]}/{name}.bin", "wb") as file:
        for row in range(20):
            file.write(bytes([row % 10]) + bytes(range(256)) * 4 + bytes([row]) * 1024 + random.randbytes(1024))
open(f"{sys.argv[1]}/batches.meta.txt", "w").write("airplane\n")
open(f"{sys.argv[1]}/readme.html", "w").write("<html>")
EOF
tar czf "$T/cifar.tar.gz" -C "$T" cifar-10-batches-bin/batches.meta.txt cifar-10-batches-bin
cifar=$(cc-shard digest "$T/cifar-10-batches-bin")
is "a folder gives sixty records" "${cifar#* }" 60
is "the archive has the same digest" "$(cc-shard digest "$T/cifar.tar.gz")" "$cifar"
is "so has the archive on standard input" "$(cc-shard digest - <"$T/cifar.tar.gz")" "$cifar"
is "so have the files" "$(cc-shard digest "$T/cifar-10-batches-bin/{data_batch_{1,2},test_batch}.bin")" "$cifar"
is "and a shuffled read" "$(cc-shard read --shuffle "$T/cifar-10-batches-bin" | cc-shard digest)" "$cifar"
is "keys are batch and row" "$(keys --skip 19 --take 2 "$T/cifar-10-batches-bin" | one_line)" "data_batch_1/00019 data_batch_2/00000 "
is "class names are those of CIFAR-10" "$(cc-shard read "$T/cifar.tar.gz" | cc-view | head -1 | jq -c '.classes[9]')" '"truck"'
is "the count is derived from the file sizes" "$(cc-shard read "$T/cifar-10-batches-bin" | cc-view | head -1 | jq -c .records)" 60
is "labels are the first byte of a row" "$(cc-shard read --take 3 "$T/cifar-10-batches-bin" | cc-view | jq -c 'select(.__key__) | .cls' | one_line)" "0 1 2 "
is "--where 'key~test_batch' selects the test set" "$(keys --where 'key~test_batch' "$T/cifar.tar.gz" | wc -l)" 20
cc-shard read --skip 3 --take 1 "$T/cifar-10-batches-bin" | cc-shard write "$T/row.tar"
tar xOf "$T/row.tar" data_batch_1/00003.png >"$T/row.png"
is "pixels are those of the row" "$(python3 - "$T/row.png" <<'EOF'
import struct, sys, zlib
data, at, packed = open(sys.argv[1], "rb").read(), 8, b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at : at + 8])
    if kind == b"IHDR":
        width, height, depth, colour = struct.unpack(">IIBB", data[at + 8 : at + 18])
    if kind == b"IDAT":
        packed += data[at + 8 : at + 8 + size]
    at += 12 + size
rows, stride, before = zlib.decompress(packed), 3 * width + 1, bytes(3 * width)
pixels = []
for y in range(height):
    line, kind = bytearray(rows[y * stride + 1 : (y + 1) * stride]), rows[y * stride]
    for x in range(len(line)):
        left, up, corner = (line[x - 3] if x >= 3 else 0), before[x], (before[x - 3] if x >= 3 else 0)
        paeth = min((left, up, corner), key=lambda v: abs(left + up - corner - v))
        line[x] = (line[x] + (0, left, up, (left + up) // 2, paeth)[kind]) & 255
    pixels.append(bytes(line))
    before = line
image = b"".join(pixels)
print(width, height, depth, colour, image[0::3] == bytes(range(256)) * 4, image[1::3] == bytes([3]) * 1024)
EOF
)" "32 32 8 2 True True"
head -c 3072 "$T/cifar-10-batches-bin/test_batch.bin" >"$T/cifar-10-batches-bin/short_batch.bin"
is "a file that ends within a row is not a batch" "$(keys "$T/cifar-10-batches-bin" | wc -l)" 60
printf '\012' | dd of="$T/cifar-10-batches-bin/test_batch.bin" conv=notrunc 2>/dev/null
fails_with "label 10" cc-shard read "$T/cifar-10-batches-bin/test_batch.bin"

done_testing
