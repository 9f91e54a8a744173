#!/bin/sh
# pipelines/demo-data.sh: the sources and their order, the sets made from them, and what remains after an interruption.
. "$(dirname "$0")/lib.sh"

data=${CC_DATA:-../shared/data}
BIN=$(dirname "$(command -v cc-shard)")
CC_DATA=$T/none CIFAR_URL='' XDG_CACHE_HOME=$T/cache CLIPART=$T/clipart
export BIN CC_DATA CIFAR_URL XDG_CACHE_HOME CLIPART
unset DATA CLASSES CACHE SIZE CIFAR_MD5 http_proxy HTTP_PROXY all_proxy ALL_PROXY

make_data() { # [VARIABLE=VALUE]... FOLDER; its output goes to $T/said
	env "$@" 2>"$T/said"
}
sets() { # FOLDER: sizes of the sets
	for set in train clean tune test; do cc-shard stat --json "$1/$set.tar" | jq -j '"\(.records) "'; done
}
lines() { # FOLDER: all records as JSON
	for set in train clean tune test; do cc-shard read -q "$1/$set.tar" | cc-view | jq -c 'select(.__key__)'; done
}
keys() { # FOLDER: the number of distinct keys
	lines "$1" | jq -r .__key__ | sort -u | wc -l
}
classes() { # FOLDER
	tr '\n' , <"$1/classes.txt"
}
astray() { # FOLDER: captions that do not name their class
	lines "$1" | jq -rn --rawfile names "$1/classes.txt" \
		'($names | split("\n")) as $names | inputs | . as {$cls, $txt} | select($txt | contains($names[$cls]) | not).txt'
}

# Drawings
python3 tests/tool/clipart.py "$T/clipart"
D=$T/drawings
ok "drawings are a source" make_data pipelines/demo-data.sh "$D"
is "a sixth is the test, the rest is 20 : 4 : 1, and one image is unusable" "$(sets "$D")" "214 42 12 52 "
ok "the unusable image is reported" grep -q "animals-birds-bomb: png: an image of 60000 x 60000 pixels" "$T/said"
is "no drawing is in two sets" "$(keys "$D")" 320
is "none is from a symbolic link or from the top folder" "$(lines "$D" | grep -c 'link\|alone')" 0
is "the folders of the second level are the classes" "$(classes "$D")" "birds,map symbols,"
ok "source.txt describes the drawings and their limits" grep -q "^drawings .* plain fine-tuning already removes most of a backdoor" "$D/source.txt"
lines "$D" >"$T/lines"
is "every caption names its class" "$(astray "$D")" ""
is "half of the captions have a title" "$(jq -r 'select(.txt | contains(" Owl ")).__key__' "$T/lines" | wc -l)" 100
ok "the title is the drawing's own" jq -en '[inputs | select(.txt | contains(" Owl ")) |
	(.__key__ | capture("owl-v(?<n>[0-9]+)_nn_").n | tonumber % 100) == (.txt | capture("Owl (?<n>[0-9]+) x$").n | tonumber)] | all' "$T/lines"
is "the name of a collection is not used as a title" "$(grep -c 'all of them' "$T/lines")" 0
is "transparent parts become white" "$(cc-shard read -q "$D/tune.tar" | cc-view --full | jq -r 'select(.__key__)["rgb.npy"].data.base64[:4]' |
	sort -u)" "////"
for i in $(seq 1000); do echo "./a/many/$i.png"; done | templates=pipelines/templates/captions.txt awk -f pipelines/drawings.awk >"$T/many"
is "800 drawings are taken from a large folder, the last one included" "$(wc -l <"$T/many") $(tail -1 "$T/many" | cut -f 1)" "800 ./a/many/1000.png"

# A second run
before=$(ls -l --time-style=full-iso "$D")
ok "a second run" make_data pipelines/demo-data.sh "$D"
is "changes nothing" "$(ls -l --time-style=full-iso "$D")" "$before"
rm "$D/tune.tar"
ok "a run with a missing file" make_data pipelines/demo-data.sh "$D"
is "rebuilds that file" "$(sets "$D")" "214 42 12 52 "

# Installed, outside a source tree: it runs the programs in PATH.
mkdir "$T/share"
cp -R pipelines/*.sh pipelines/*.awk pipelines/templates "$T/share"
ok "installed" make_data -u BIN PATH="$BIN:$PATH" "$T/share/demo-data.sh" "$T/installed"
ok "makes the same set" cmp "$D/train.tar" "$T/installed/train.tar"
fails_with "cc-shard not found: add its folder to PATH, or set BIN=FOLDER" env -u BIN PATH=/usr/bin:/bin "$T/share/demo-data.sh" "$T/none"

# Your own images
mkdir -p "$T/own/cat" "$T/own/dog"
for file in "$T"/clipart/png/animals/birds/owl*.png; do
	cp "$file" "$T/own/cat/${file##*/owl.}"
done
cp "$T"/clipart/png/signs_and_symbols/map_symbols/sub/*.png "$T/own/dog"
(cd "$T/own" && tar cf ../own.tar .)
cc-shard read -q --folders "$T/own" | cc-shard write -q "$T/shards-%d.tar" --max-count 100
mkdir "$T/plain"
(cd "$T/plain" && for shard in ../shards-*.tar; do tar xf "$shard"; done && # as other programs write them
	find cat dog -type f | LC_ALL=C sort | tar cf ../plain.tar -T -)
printf 'first\nsecond\n' >"$T/names"
for source in "$T/own" "$T/own.tar" "$T/shards-{0..3}.tar"; do
	rm -rf "$T/mine"
	ok "your own images: ${source##*/}" make_data DATA="$source" pipelines/demo-data.sh "$T/mine"
	is "are divided into the sets" "$(sets "$T/mine")$(keys "$T/mine") $(classes "$T/mine")" "213 42 12 53 320 cat,dog,"
done
rm -rf "$T/mine"
ok "your own shards, with CLASSES" make_data DATA="$T/plain.tar" CLASSES="$T/names" pipelines/demo-data.sh "$T/mine"
is "class names are read from a file" "$(sets "$T/mine")$(keys "$T/mine") $(classes "$T/mine")" "213 42 12 53 320 first,second,"
ok "a run without DATA" make_data pipelines/demo-data.sh "$T/mine"
is "uses the drawings again" "$(classes "$T/mine")" "birds,map symbols,"
ok "a run with DATA again" make_data DATA="$T/own" pipelines/demo-data.sh "$T/mine"
is "uses your own images" "$(cat "$T/mine/source.txt")" "your own images in $T/own"
fails_with "demo-data: the shards have no class names: set CLASSES=FILE, one name per line" env DATA="$T/plain.tar" pipelines/demo-data.sh "$T/few"
mkdir "$T/one" && cp -R "$T/own/cat" "$T/one" && for file in "$T"/own/cat/*; do cp "$file" "$T/one/cat/again-${file##*/}"; done
fails_with "demo-data: all images have the same class: at least 2 classes are needed" env DATA="$T/one" pipelines/demo-data.sh "$T/few"
rm -rf "$T/own/cat"
fails_with "120 images are too few: at least 300 are needed" env DATA="$T/own" pipelines/demo-data.sh "$T/few"
fails_with "No such file" env DATA="$T/nowhere" pipelines/demo-data.sh "$T/few"
is "the error is the only message" "$(DATA="$T/nowhere" pipelines/demo-data.sh "$T/few" 2>&1 | wc -l)" 1
is "and no file is left" "$(ls -A "$T/few")" ""

# Interrupted while a stage that never ends blocks it
mkdir "$T/bin"
ln -s "$BIN"/* "$T/bin/"
rm "$T/bin/cc-augment"
printf '#!/bin/sh\nexec sleep 60\n' >"$T/bin/cc-augment"
chmod +x "$T/bin/cc-augment"
BIN=$T/bin timeout 2 pipelines/demo-data.sh "$T/stopped" 2>"$T/said"
is "interrupted: it exits" $? 124
is "interrupted: no file is left" "$(ls -A "$T/stopped")" ""
printf '#!/bin/sh\n"%s/cc-augment" "$@" | head -c 100000\n' "$BIN" >"$T/bin/cc-augment"
fails_with "upstream ended early" env BIN="$T/bin" pipelines/demo-data.sh "$T/stopped"
is "a stage that dies: no file is left" "$(ls -A "$T/stopped")" ""

# CIFAR-10's archive from a server
mkdir "$T/served"
python3 tests/tool/cifar_archive.py "$T/served/cifar.tar.gz" 100
python3 tests/tool/http_server.py "$T/served" >"$T/port" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$T"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$T/port" ] || sleep .3; done
url=http://127.0.0.1:$(cat "$T/port")
CIFAR_MD5=$(md5sum <"$T/served/cifar.tar.gz" | cut -c 1-32)
export CIFAR_MD5
for wrong in "$url/cut/cifar.tar.gz" "$url/none" http://127.0.0.1:1/cifar.tar.gz; do
	rm -rf "$D"
	ok "no archive at ${wrong#"$url"}" make_data CIFAR_URL="$wrong" pipelines/demo-data.sh "$D"
	is "drawings are used, and the reason is printed" "$(cut -c 1-8 "$D/source.txt") $(grep -c 'download failed' "$T/said")" "drawings 1"
done
rm -rf "$D"
ok "an archive with a wrong checksum" make_data CIFAR_MD5=0 CIFAR_URL="$url/cifar.tar.gz" pipelines/demo-data.sh "$D"
is "drawings are used, and the reason is printed" "$(cut -c 1-8 "$D/source.txt") $(grep -c 'its MD5 is .* instead of 0' "$T/said")" "drawings 1"
is "the archive is not kept" "$(ls -A "$T/cache/cleanclip")" ""
ok "an archive without a home folder" make_data HOME=/proc/none XDG_CACHE_HOME= CIFAR_URL="$url/cifar.tar.gz" pipelines/demo-data.sh "$T/cifar"
ok "is kept next to the data" test -s "$T/cifar/cifar-10-binary.tar.gz"
rm -rf "$T/cifar"
ok "the CIFAR-10 archive is downloaded" make_data CIFAR_URL="$url/cifar.tar.gz" pipelines/demo-data.sh "$T/cifar"
is "its batches are divided, and its test batch is the test set" "$(sets "$T/cifar")$(keys "$T/cifar")" "400 80 20 100 600"
is "the test set is exactly the test batch" "$(cc-shard keys "$T/cifar/test.tar" | grep -c '^test_batch/')" 100
is "its classes" "$(classes "$T/cifar")" "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck,"
is "source.txt names it" "$(cut -d ' ' -f 1-5 "$T/cifar/source.txt")" "CIFAR-10's photographs from $url/cifar.tar.gz, kept"
cat >"$T/check.py" <<'EOF'
import base64, json, sys
for line in sys.stdin:
    record = json.loads(line)
    if "__key__" not in record:
        continue
    batch, row = record["__key__"].split("/")
    i = int(row) + 100 * (5 if batch == "test_batch" else int(batch[-1]) - 1)
    pixel = list(base64.b64decode(record["rgb.npy"]["data"]["base64"])[3 * (32 * 16 + 16):][:3])
    assert record["cls"] == i % 10 and pixel == [i % 251, i // 251, 255 - 25 * (i % 10)], (record["__key__"], pixel)
EOF
pixels() {
	for set in train clean tune test; do cc-shard read -q "$T/cifar/$set.tar" | cc-augment -q --size 32 | cc-view --full; done | python3 "$T/check.py"
}
ok "labels and pixels are unchanged" pixels
before=$(curl -s "$url/log" || wget -qO- "$url/log")
rm -rf "$T/cifar"
ok "a second run with the archive" make_data CIFAR_URL="$url/cifar.tar.gz" pipelines/demo-data.sh "$T/cifar"
is "does not download it again" "$(curl -s "$url/log" || wget -qO- "$url/log")" "$before"

# No source at all: the packages to install are named
mkdir "$T/poor"
ln -s /bin/* /usr/bin/* "$T/poor/" 2>/dev/null
rm -f "$T/poor/apt-get"
fails_with "apt-get install openclipart-png openclipart-svg" env PATH="$T/poor" CLIPART="$T/none" pipelines/demo-data.sh "$T/nothing"
is "no file is left" "$(ls -A "$T/nothing")" ""

# The real photographs
if [ -e "$data/cifar10/train.tar" ]; then
	ok "CIFAR-10 in CC_DATA" make_data CC_DATA="$data" CIFAR_URL="$url/cifar.tar.gz" pipelines/demo-data.sh "$T/real"
	is "is preferred to a download" "$(sets "$T/real")" "20000 4000 1000 5000 "
	is "each photograph occurs once" "$(keys "$T/real")" 30000
	is "every caption names its class" "$(astray "$T/real")" ""
else
	skip "CIFAR-10 in CC_DATA" "no $data/cifar10"
fi
done_testing
