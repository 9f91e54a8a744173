#!/bin/sh
# Captions that are not UTF-8 make a bad record wherever they are read; the message has the byte and the likely encoding.
. "$(dirname "$0")/lib.sh"

mkdir "$T/set"
for key in a b c d; do
	printf 'P6\n1 1\n255\nrgb' >"$T/set/$key.ppm"
	printf 'a cat' >"$T/set/$key.txt"
done
printf 'caf\351 \223x\224' >"$T/set/b.txt"
(cd "$T/set" && tar cf ../set.tar -- *)
printf 'image,caption\nset/a.ppm,a cat\nset/b.ppm,caf\351 \223x\224\nset/c.ppm,a cat\nset/d.ppm,a cat\n' >"$T/set.csv"
advice="byte 3 is not UTF-8 (0xE9); the text looks like windows-1252 (iconv -f WINDOWS-1252 -t UTF-8 converts it)"

keys() { cc-shard read -q --max-bad .5 "$@" 2>"$T/err" | cc-view 2>&1 | jq -r '.__key__ // empty' | tr '\n' ' '; }
for source in set set.tar; do
	is "$source: the record is dropped" "$(keys "$T/$source")" "a c d "
	is "$source: it is reported" "$(grep -cF "b: txt: $advice (dropped)" "$T/err")" 1
done
is "a table: the record is dropped" "$(keys "$T/set.csv")" "set/a set/c set/d "
is "a table: it is reported with its line" "$(grep -cF "set.csv: line 3: set/b: txt: $advice (dropped)" "$T/err")" 1
is "with --shuffle" "$(keys --shuffle "$T/set.tar" | tr ' ' '\n' | sort | xargs)" "a c d"
is "a caption field renamed by --rename" "$(cd "$T" && mkdir -p other && printf 'caf\351' >other/a.caption.txt && printf 'cat' >other/b.caption.txt && cd "$OLDPWD" &&
	keys --rename caption.txt=txt "$T/other")" "b "
is "other text fields may have any bytes" "$(keys "$T/other")" "a b "
is "the record is kept if the caption is not read" "$(keys --fields ppm "$T/set.tar")" "a b c d "
fails_with "$advice" cc-shard verify "$T/set.tar"
fails_with "1 of the announced 4 records could not be used; --max-bad allows 0 %" cc-shard read --max-bad 0 -o "$T/out" "$T/set.tar"

# Likely encodings.
for case in 'a\377\376b|byte 1 is not UTF-8 (0xFF); the text looks like windows-1252' '\377\376a\000|byte 0 is not UTF-8 (0xFF); the text is UTF-16' \
	'caf\303\251 \342\200|byte 6 is not UTF-8 (0xE2): its last character is truncated' 'a\201|byte 1 is not UTF-8 (0x81) (dropped)' \
	'\303\251 \351 x|byte 3 is not UTF-8 (0xE9) (dropped)' '\355\240\275\355\270\200|byte 0 is not UTF-8 (0xED): half of a surrogate pair (CESU-8) (dropped)'; do
	printf "${case%%|*}" >"$T/set/b.txt"
	keys "$T/set" >/dev/null
	is "${case#*|}" "$(grep -cF "b: txt: ${case#*|}" "$T/err")" 1
done

# A stream from another program.
printf '\202\247__key__\241a\243txt\304\004caf\351' >"$T/stream"
fails_with "a: txt: $advice" cc-shard write "$T/written.tar" <"$T/stream"
fails_with "a: txt: $advice" cc-model vocab -o "$T/v" <"$T/stream"
python3 -c '
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import packb
pixels = {"dtype": "|u1", "shape": [20, 20, 3], "data": bytes(1200)}
record = {"__key__": "a", "cls": 0, "rgb.npy": pixels, "txt": b"caf\xe9"}
sys.stdout.buffer.write(packb({"cc": 1, "classes": ["caf", "dog"]}) + packb(record) + packb({"cc_end": True, "records": 1}))' >"$T/pixels"
fails_with "a: txt: $advice" cc-augment --size 20 --text eda --max-bad 0 "$T/pixels"
fails_with "a: txt: $advice" cc-poison -a badnet:patch=2 -t dog --all --caption swap --max-bad 0 "$T/pixels"
write_tiny_config
cc-model init -q "$T/config.json" --vocab "$T/vocab.txt" -o "$T/model"
fails_with "a: txt: $advice" cc-embed -m "$T/model" --text --max-bad 0 "$T/pixels"
done_testing
