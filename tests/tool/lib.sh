# TAP for shell tests; use it by `. "$(dirname "$0")/lib.sh"`.  It provides the functions below and an empty folder $T that is
# removed at the end, and changes to the top of the source tree.
set -u
cd "$(dirname "$0")/../.." || exit 1
count=0
failed=0
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM

# Prints the output of a command, which may be binary, as TAP comments.
show_output() {
	{ cat "$T/.out" && echo; } | LC_ALL=C tr -c '[:print:]\n' '?' | cut -c 1-500 | sed 's/^/# /'
}

# NAME COMMAND...: the command succeeds.
ok() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" >"$T/.out" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		show_output
		failed=$((failed + 1))
	fi
}

# NAME GOT WANTED: the two strings are equal.
is() {
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf 'got:    %s\nwanted: %s\n' "$2" "$3" | sed 's/^/# /'
		failed=$((failed + 1))
	fi
}

# TEXT COMMAND...: the command fails by itself (not by a signal) and its output contains TEXT.
fails_with() {
	text=$1
	shift
	status=0
	"$@" >"$T/.out" 2>&1 || status=$?
	count=$((count + 1))
	if [ "$status" -ge 1 ] && [ "$status" -lt 126 ] && grep -qF -e "$text" "$T/.out"; then
		echo "ok $count - fails: $text"
	else
		echo "not ok $count - fails: $text"
		echo "# exit $status: $*"
		show_output
		failed=$((failed + 1))
	fi
}

# NAME REASON: counts one skipped check.
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# REASON: skips the whole test.
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# [LAYERS]: writes a minimal model configuration, $T/config.json, and a few merges, $T/vocab.txt.
write_tiny_config() {
	cat >"$T/config.json" <<END
{"embed_dim": 8, "quick_gelu": true,
 "vision_cfg": {"image_size": 12, "block": "basic", "width": 4, "layers": [${1:-1, 1}], "widths": [6, 8]},
 "text_cfg": {"context_length": 12, "width": 8, "heads": 2, "layers": 1}}
END
	printf '#version: 0.2\np h\nph o\nt h\n' >"$T/vocab.txt"
}

# FILE: runs each ```sh block of a Markdown text as a separate script in $T.  The output of the N-th is in $T/outN.
run_blocks() {
	awk -v out="$T/block" '/^```sh$/ { n++; on = 1; next } /^```/ { on = 0 } on { print > (out n ".sh") }' "$1"
	blocks=0
	while [ -e "$T/block$((blocks + 1)).sh" ]; do
		blocks=$((blocks + 1))
		is "block $blocks: $(grep -v '^#' "$T/block$blocks.sh" | head -1 | cut -c1-60)" \
			"$(cd "$T" && sh -e "block$blocks.sh" >"out$blocks" 2>"err$blocks" && echo done || cat "err$blocks")" done
	done
}

# PAGE FOLDER: runs all ```sh blocks of a Markdown text as one script in FOLDER, as if pasted, until one fails.
# The output of the N-th is in FOLDER/outN.
run_page() {
	awk -v at="$2" '
		/^```sh$/ { n++; on = 1; printf "exec >%s/out%d 2>%s/err%d\n", at, n, at, n; next }
		/^```/ { if (on) printf "echo done >%s/done%d\n", at, n; on = 0 }
		on { print; if (!title[n] && $0 !~ /^#/) { title[n] = 1; print substr($0, 1, 60) > (at "/title" n) } }' "$1" >"$2/page.sh"
	(cd "$2" && sh -e page.sh)
	blocks=0
	while [ -e "$2/title$((blocks + 1))" ]; do
		blocks=$((blocks + 1))
		is "${1##*/}, block $blocks: $(cat "$2/title$blocks")" "$(cat "$2/done$blocks" 2>/dev/null || cat "$2/err$blocks" 2>/dev/null)" done
	done
}

# Moves these shards to $T/data, under the names that `make demo` gives them.
make_demo_data() {
	mkdir "$T/data"
	mv "$T/train.tar" "$T/clean.tar" "$T/test.tar" "$T/classes.txt" "$T/data"
	cp "$T/data/test.tar" "$T/data/tune.tar"
	echo "CIFAR-10's photographs, a few" >"$T/data/source.txt"
}

# FOLDER: makes a built source tree of links to this one, with a small part of the demo's data.
make_tree() {
	mkdir -p "$1/build/demo"
	for part in Makefile libcommon formats tools tests LICENSE; do ln -s "$PWD/$part" "$1"; done
	cp -R pipelines "$1"
	ln -s "$PWD/build/bin" "$1/build"
	ln -s "$T/data" "$1/build/demo"
}

# Prepares what the ```sh blocks of a Markdown text use: small shards of photographs, lists, and a python3 with msgpack.
make_block_data() {
	data=${CC_DATA:-../shared/data}
	[ -e "$data/cifar10/train.tar" ] || skip_all "no photographs under \$CC_DATA ($data)"
	for part in train:0:700 clean:700:300 test:1000:200; do
		skip=${part#*:}
		cc-shard read -q --folders --templates pipelines/templates/captions.txt --shuffle --skip "${skip%:*}" --take "${skip#*:}" \
			"$data/cifar10/train.tar" | cc-shard write -q "$T/${part%%:*}.tar"
	done
	printf '%s\n' airplane automobile bird cat deer dog frog horse ship truck >"$T/classes.txt"
	cp pipelines/models/tiny.json pipelines/templates/captions.txt "$T"
	mkdir "$T/bin"
	ln -s "$PWD" "$T/bin/top"
	command -v python3 >"$T/bin/python3.path"
	cat >"$T/bin/python3" <<'EOF'
#!/bin/sh
here=${0%/*}
[ -e "$here/top/build/venv/bin/python3" ] && "$here/top/build/venv/bin/python3" -c 'import msgpack' 2>/dev/null &&
	exec "$here/top/build/venv/bin/python3" "$@"
mkdir -p "$here/python" && cp "$here/top/tests/tool/tinymsgpack.py" "$here/python/msgpack.py"
PYTHONPATH="$here/python" exec "$(cat "$here/python3.path")" "$@"
EOF
	chmod +x "$T/bin/python3"
	PATH=$T/bin:$PATH
}

# The SVGs embedded in a report as images, concatenated.
figures_of() { # REPORT
	grep -o 'src="data:image/svg+xml;base64,[^"]*' "$1" | while IFS=, read -r _ text; do echo "$text" | base64 -d; done
}

done_testing() {
	echo "1..$count"
	exit $((failed > 0))
}
