#!/bin/sh
# The README's commands, as they stand there, on a small part of the demo's data.
. "$(dirname "$0")/lib.sh"
here=$PWD
data=${CC_DATA:-../shared/data}
[ -e "$data/cifar10/train.tar" ] || skip_all "no photographs under \$CC_DATA ($data)"
PATH=$here/build/bin:$PATH

read_cifar() { # SKIP TAKE
	cc-shard read -q --folders --templates pipelines/templates/captions.txt --shuffle --skip "$1" --take "$2" "$data/cifar10/train.tar"
}
read_cifar 0 700 | cc-shard write -q "$T/train.tar"
read_cifar 700 300 | cc-shard write -q "$T/clean.tar"
read_cifar 1000 200 | cc-shard write -q "$T/test.tar"
printf '%s\n' airplane automobile bird cat deer dog frog horse ship truck >"$T/classes.txt"
cp pipelines/models/tiny.json pipelines/templates/captions.txt "$T"
ln -s "$(cd "$data" && pwd)/cifar10/test.tar" "$T/photos.tar"

mkdir "$T/images"
cc-shard read -q --fields jpg --take 20 "$data/cifar10/test.tar" | cc-shard write -q "$T/few.tar"
tar xf "$T/few.tar" -C "$T/images" --exclude='__*'
(cd "$T" && echo image,caption && find images -name '*.jpg' | sort | sed 's/$/,"a small, square photo"/') >"$T/pairs.csv"

# Python with msgpack, or with the tests' own small one.
mkdir "$T/bin"
cat >"$T/bin/python3" <<EOF
#!/bin/sh
[ -e "$here/build/venv/bin/python3" ] && "$here/build/venv/bin/python3" -c 'import msgpack' 2>/dev/null &&
	exec "$here/build/venv/bin/python3" "\$@"
mkdir -p "$T/python" && cp "$here/tests/tool/tinymsgpack.py" "$T/python/msgpack.py"
PYTHONPATH="$T/python" exec $(command -v python3) "\$@"
EOF
chmod +x "$T/bin/python3"

# Each ```sh block is a script of its own; all share the folder.
awk -v out="$T/block" '/^```sh$/ { n++; on = 1; next } /^```/ { on = 0 } on { print > (out n ".sh") }' README.md
n=1
while [ -e "$T/block$n.sh" ]; do
	is "block $n: $(grep -v '^#' "$T/block$n.sh" | head -1 | cut -c1-60)" \
		"$(cd "$T" && PATH=$T/bin:$PATH sh -e "block$n.sh" >"out$n" 2>"err$n" && echo done || cat "err$n")" done
	n=$((n + 1))
done
is "there are blocks" "$((n > 3))" 1
is "four scores" "$(jq -rs 'map(.metric) | join(" ")' "$T/out1")" "zeroshot asr zeroshot asr"
ok "a contact sheet" grep -q PNG "$T/sheet.png"
ok "provenance names the attack" grep -q 'blended:pattern=1' "$T/out2"
ok "the Python stage shouted" grep -q '"txt": "[A-Z ,.]*"' "$T/out3"
ok "so have pairs" sh -c 'cc-shard read "$0" | cc-view | grep -q "\"txt\": \"a small, square photo\""' "$T/pairs-0000.tar"
ok "photos have captions now" sh -c 'cc-shard read "$0" | cc-view | grep -q "\"txt\": \".*frog"' "$T/mine-0000.tar"
done_testing
