#!/bin/sh
# Python's webdataset and wids read what we write, and we read what they write.
#   python3 -m venv build/venv && build/venv/bin/pip install webdataset
#   build/venv/bin/pip install --no-deps --target build/wids webdataset==0.2.111    # the last that has wids
. "$(dirname "$0")/lib.sh"

python=build/venv/bin/python3
$python -c 'import webdataset' 2>/dev/null || skip_all "no webdataset in build/venv (see the top of this file)"

# Samples with every kind of name and field.  The folder is the source; Python's tarfile and GNU tar make the other shards.
mkdir -p "$T/in/v1.0/cat" "$T/in/Zürich" "$T/in/$(printf 'd%.0s' $(seq 90))"
echo a cat >"$T/in/v1.0/cat/0001.txt"
printf 3 >"$T/in/v1.0/cat/0001.cls"
head -c 3000 /dev/urandom >"$T/in/v1.0/cat/0001.jpg"
head -c 100 /dev/urandom >"$T/in/v1.0/cat/0001.seg.png"
echo '{"a": [1, 2.5]}' >"$T/in/v1.0/cat/0002.json"
echo Grüezi >"$T/in/Zürich/日本.txt"
echo long >"$T/in/$(printf 'd%.0s' $(seq 90))/$(printf 'k%.0s' $(seq 210)).txt"
cp tests/golden/npy/matrix_f4.npy "$T/in/v1.0/cat/0003.x.npy"
(cd "$T/in" && find . -type f | sed 's|^\./||' | LC_ALL=C sort >../names && tar cf ../gnu.tar -T ../names && tar cf ../pax.tar --format=pax -T ../names)
samples=$(sed 's|\(.*/[^.]*\)\..*|\1|' "$T/names" | uniq | wc -l)

read_with() { # LIBRARY SHARD...
	PYTHONPATH=$([ "$1" = wids ] && echo build/wids) $python tests/tool/parity_webdataset.py "$@" 2>"$T/err" | grep -v '^Warning: Ignoring file __' | sort
}

ok "two shards are written" sh -c "cc-shard read '$T/in' | cc-shard write --max-count 3 '$T/out-%02d.tar'"
read_with webdataset "$T/gnu.tar" >"$T/expected"
is "webdataset reads all samples of the other tar" "$(wc -l <"$T/expected")" "$samples"
read_with webdataset "$T/out-00.tar" "$T/out-01.tar" >"$T/seen"
ok "webdataset reads the same from our shards" diff "$T/expected" "$T/seen"
is "GNU tar lists our shards" "$(for shard in "$T"/out-*.tar; do tar tf "$shard" --quoting-style=literal; done | grep -v '^__' | LC_ALL=C sort | cksum)" \
	"$(LC_ALL=C sort "$T/names" | cksum)"
if PYTHONPATH=build/wids $python -c 'import wids' 2>/dev/null; then
	# The reader of wids cannot read a name of more than 100 bytes, whoever wrote it.
	cc-shard read --where 'key~v1' "$T/in" | cc-shard write "$T/short.tar"
	read_with wids "$T/short.tar" >"$T/seen"
	grep v1 "$T/expected" >"$T/short"
	ok "wids reads the same from our shards" diff "$T/short" "$T/seen"
else
	skip "wids reads the same from our shards" "no wids in build/wids (see the top of this file)"
fi
for format in gnu pax; do
	is "we read $format like webdataset" "$(cc-shard keys "$T/$format.tar" | sort | cksum)" "$(jq -r '.[0]' "$T/expected" | sort | cksum)"
	is "the digest of $format is that of the folder" "$(cc-shard digest "$T/$format.tar")" "$(cc-shard digest "$T/in")"
done
$python - "$T" <<'EOF' 2>"$T/err"
import io, sys, webdataset
with webdataset.TarWriter(sys.argv[1] + "/theirs.tar") as writer:
    writer.write({"__key__": "a/b", "txt": "caption", "cls": 7, "bin": b"bytes"})
    writer.write({"__key__": "a/c", "txt": "other"})
EOF
is "we read what webdataset's writer writes" "$(cc-shard read "$T/theirs.tar" | cc-view | sed -n '3,4p')" '{"__key__": "a/b", "bin": {"bytes": 5}, "cls": 7, "txt": "caption"}
{"__key__": "a/c", "txt": "other"}'

done_testing
