#!/bin/sh
. "$(dirname "$0")/lib.sh"

stream() { python3 tests/tool/make_stream.py "$@"; }
pack() { python3 -c 'import sys; sys.path.insert(0, "tests/tool"); from tinymsgpack import packb
for item in eval(sys.argv[1]): sys.stdout.buffer.write(packb(item))' "$1"; }

stream 5 >"$T/in"

# JSON lines.
cc-view "$T/in" >"$T/lines"
is "header, epoch mark, records and tail are printed in order" "$(jq -r 'keys_unsorted[0]' "$T/lines" | tr '\n' ' ')" \
	"cc cc_epoch __key__ __key__ __key__ __key__ __key__ cc_end "
is "a record, abridged" "$(sed -n 4p "$T/lines")" \
	'{"__key__": "set/dog/0001", "cls": 1, "Own": {"kept": [1, 2.5, null, {"bytes": 2}]}, "txt": "a photo of a dog, number 1", "png": {"bytes": 438, "type": "png"}}'
cc-view --jsonl <"$T/in" | cmp -s - "$T/lines"
is "--jsonl is the default" $? 0
cc-view -o "$T/file" "$T/in"
ok "-o" cmp "$T/file" "$T/lines"
cc-view --full "$T/in" >"$T/full"
is "--full is exact" "$(python3 tests/tool/check_full.py "$T/in" "$T/full")" "8 equal"
stream 3 no-header | cc-view >"$T/plain"
is "without header and tail only records are printed" "$(jq -r 'keys_unsorted[0]' "$T/plain" | sort | uniq -c | tr -s ' ')" " 3 __key__"
cat "$T/in" "$T/in" | cc-view >"$T/two"
is "concatenated streams have one tail" "$(jq -c 'select(.cc_end) | [.records, .prog[0][0].name]' "$T/two")" '[10,"make_stream"]'

pack '[{"__key__": "k", "a.json": b"{\"x\": [1, \"y\"]}", "b.json": b"{\"x\": ", "cls.txt": b"text", "n": -7, "f.npy": {"dtype": "<f4", "shape": [2, 1], "data": bytes(8)},
	"raw": b"ab", "npy": b"\x93NUMPY..", "o": [True, {"deep": b"abc"}], "JPEG": b"\xff\xd8\xff\xe0"}]' >"$T/kinds"
is "every kind of field" "$(cc-view "$T/kinds")" \
	'{"__key__": "k", "a.json": {"x": [1, "y"]}, "b.json": {"bytes": 6}, "cls.txt": "text", "n": -7, "f.npy": {"dtype": "<f4", "shape": [2, 1], "bytes": 8}, "raw": {"bytes": 2}, "npy": {"bytes": 8, "type": "npy"}, "o": [true, {"deep": {"bytes": 3}}], "JPEG": {"bytes": 4, "type": "jpeg"}}'
cc-view --full "$T/kinds" >"$T/full"
is "--full of every kind of field" "$(python3 tests/tool/check_full.py "$T/kinds" "$T/full")" "1 equal"
printf '\202\247__key__\241k\241x\324\001\002' >"$T/extension"
printf '\202\247__key__\241k\241x\317\377\377\377\377\377\377\377\377' >"$T/large"
is "a value without a JSON form is printed as its size" "$(cc-view "$T/extension")" '{"__key__": "k", "x": {"bytes": 3, "type": "msgpack"}}'
for file in extension large; do
	is "--full does not print it: $file" "$(cc-view --full "$T/$file" 2>"$T/said")" ""
	ok "but reports it: $file" grep -q "^cc-view: k: .*(dropped)" "$T/said"
done

# Hostile text.
pack '[{"__key__": "\x1b]0;title\x07", "txt": "\x1b[2J \x7f \u009b31m \u202eevil\u2066 \u2028 \x00 \"\\ caf\u00e9", "na\x1bme": 1}]' >"$T/hostile"
cc-view "$T/hostile" >"$T/shown"
is "terminal control characters are escaped" \
	"$(LC_ALL=C grep -c "$(printf '[\001-\011\013-\037\177]\|\302[\200-\237]\|\342\200[\250-\256]\|\342\201[\246-\251]')" "$T/shown")" 0
is "the JSON decodes to the same text" "$(jq -c '.txt | explode[:12]' "$T/shown")" '[27,91,50,74,32,127,32,155,51,49,109,32]'
is "letters are not escaped" "$(grep -c 'café' "$T/shown")" 1
cc-view --full "$T/hostile" >"$T/full"
is "--full escapes them, too" "$(LC_ALL=C grep -c "$(printf '[\001-\011\013-\037\177]\|\302[\200-\237]\|\342\200[\250-\256]\|\342\201[\246-\251]')" "$T/full")" 0
is "and is exact" "$(python3 tests/tool/check_full.py "$T/hostile" "$T/full")" "1 equal"
pack '[{"__key__": "k\udcff", "txt": "a \udcfe b", "\udcfdname": 1}]' >"$T/latin"
is "bytes that are not UTF-8 are replaced" "$(cc-view "$T/latin")" '{"__key__": "k�", "txt": "a � b", "�name": 1}'
is "--full prints such text as base64" "$(pack '[{"__key__": "k", "txt": "a \udcfe b"}]' | cc-view --full)" '{"__key__": "k", "txt": {"base64": "YSD+IGI="}}'
pack '[{"__key__": "k", "txt": "ab" * 100000}]' >"$T/huge"
ok "a long text is truncated" [ "$(cc-view "$T/huge" | wc -c)" -lt 3000 ]
is "its length is printed" "$(cc-view "$T/huge" | jq -r .txt | tail -c 20)" "b... (200000 bytes)"
is "--full prints all of it" "$(cc-view --full "$T/huge" | jq '.txt | length')" 200000

# Bad input.
head -c 1500 "$T/in" >"$T/cut"
fails_with "upstream ended early" cc-view "$T/cut"
is "records before the error are printed" "$(cc-view "$T/cut" 2>/dev/null | grep -c __key__)" 2
is "exit status 1" "$(cc-view "$T/cut" >/dev/null 2>&1; echo $?)" 1
cc-view -o "$T/not" "$T/cut" 2>/dev/null
ok "-o leaves no incomplete file" [ ! -e "$T/not" ]
fails_with "upstream ended early" cc-view /dev/null
fails_with "LICENSE: not a record stream; \`cc-shard read FILE | cc-view\` reads a tar or a folder" cc-view LICENSE
fails_with "byte 0: not a map" sh -c 'cc-view <LICENSE'
head -c 200 "$T/in" >"$T/short"
fails_with "$T/short: upstream ended early" cc-view "$T/short"
fails_with "No such file" cc-view "$T/nothing"
fails_with "too many files: '$T/in'; concatenate streams with \`cat\`" cc-view "$T/in" "$T/in"
fails_with "No space left" sh -c "cc-view '$T/in' >/dev/full"
printf '\335\377\000\000\000' >"$T/bomb"
fails_with "byte 0" sh -c "cc-view <'$T/bomb'"
stream 3000 >"$T/long"
cc-view "$T/long" 2>"$T/said" | head -1 >"$T/out"
is "a closed pipe is not an error" "$(cat "$T/said")" ""

# Provenance.
cc-poison --attack blended --target dog --all --caption 'my {} isn'"'"'t' --size 8 "$T/in" >"$T/p"
is "--provenance" "$(cc-view --provenance "$T/p")" "make_stream  # 1, seed 0
cc-poison --attack blended --target dog --all --caption 'my {} isn'\\''t' --size 8  # 0.2.0, seed 0"
is "--provenance of a stream from a pipe" "$(cc-view --provenance <"$T/p" | wc -l)" 2
is "of several files" "$(cc-view --provenance "$T/in" "$T/p" | sed -n 3p)" "$T/p:"
is "--provenance --json" "$(cc-view --provenance --json "$T/in" "$T/p" | jq -c '[.kind, .prog[-1].name]' | tr '\n' ' ')" \
	'["stream","make_stream"] ["stream","cc-poison"] '
is "of concatenated streams" "$(cat "$T/in" "$T/p" | cc-view --provenance)" "make_stream  # 1, seed 0
# concatenated with:
make_stream  # 1, seed 0
cc-poison --attack blended --target dog --all --caption 'my {} isn'\\''t' --size 8  # 0.2.0, seed 0"
cc-shard write -q "$T/p.tar" <"$T/p"
{ cat "$T/in"; cc-shard read -q --key-prefix 'two/' "$T/p.tar"; } | cc-shard write -q "$T/two.tar"
is "of shards made of two streams" "$(cc-view --provenance "$T/two.tar" | sed 's/ .*//' | tr '\n' ' ')" \
	"make_stream cc-shard # make_stream cc-poison cc-shard cc-shard "
for how in -q --shuffle --shuffle=4 '--epochs 2'; do
	is "of shards made of two streams, each once: read $how" "$(cc-shard read $how "$T/two.tar" | cc-view --provenance | sed 's/ .*//' | tr '\n' ' ')" \
		"make_stream cc-shard cc-shard # make_stream cc-poison cc-shard cc-shard "
done
echo '{"metric": "asr", "prog": [{"name": "cc-score", "version": "0.1.0", "seed": 0, "args": []}]}' >"$T/score"
is "of a score" "$(cc-view --provenance "$T/score")" "cc-score  # 0.1.0, seed 0"
echo '{"metrics": {"asr": 0.445, "acc1": 0.33333333333333331, "n": [1, 2.5e-9]}, "prog": [{"name": "cc-score", "version": "0.1.0", "seed": 0, "args": []}]}' >"$T/score"
is "numbers are printed with the fewest digits that are exact" "$(cc-view --provenance "$T/score" | head -1)" '# metrics: {"asr": 0.445, "acc1": 0.3333333333333333, "n": [1, 2.5e-09]}'
cc-shard write "$T/shard-%d.tar" <"$T/p"
is "of a shard" "$(cc-view --provenance "$T/shard-0.tar" | tail -1)" "cc-shard write  # 0.2.0, seed 0"
tar -cf "$T/plain.tar" LICENSE
fails_with "has no provenance; it was not written by these programs" cc-view --provenance "$T/plain.tar"
python3 -c '
import json, struct
old = {"prog": [{"name": "cc-model init", "version": "0", "seed": 3, "args": []}]}
made = {"prog": [{"name": "cc-train clip", "version": "0", "seed": 1, "args": ["--lr", ".1"]}], "model": old,
	"data": {"records": 7, "behind": [old["prog"]]}}
head = json.dumps({"__metadata__": {"provenance": json.dumps(made)}}).encode()
head += b" " * ((0x80 - len(head)) % 256)  # a first byte that could begin a map
print(end="", flush=True)
import sys
sys.stdout.buffer.write(struct.pack("<Q", len(head)) + head)' >"$T/model"
is "of a checkpoint, with the model it was trained from" "$(cc-view --provenance "$T/model")" "# model:
    cc-model init  # 0, seed 3
# data: {\"records\": 7, \"behind\": [[{\"name\": \"cc-model init\", \"version\": \"0\", \"seed\": 3, \"args\": []}]]}
cc-train clip --lr .1  # 0, seed 1
# concatenated with:
cc-model init  # 0, seed 3"
fails_with "has no provenance; it was not written by these programs" sh -c "echo '{}' >'$T/x' && cc-view --provenance '$T/x'"
cc-view --provenance "$T/in" LICENSE "$T/x" "$T/p" >"$T/shown" 2>"$T/said" || code=$?
is "files without provenance do not stop the others" "$code $(grep -c ":$" "$T/shown") $(sed -n '$p' "$T/said")" "1 2 cc-view: 2 of 4 files: no provenance could be read"
ok "each is reported with its reason" sh -c "grep -q '^cc-view: LICENSE: ' '$T/said' && grep -q '^cc-view: $T/x: has no provenance' '$T/said'"
fails_with "not a stream, checkpoint or JSON file; read as a shard" cc-view --provenance LICENSE
fails_with "upstream ended early" cc-view --provenance "$T/cut"
fails_with "No such file" cc-view --provenance "$T/nothing"
is "control characters in names are escaped" "$(pack '[{"cc": 1, "prog": [{"name": "a\x1b[31m", "args": ["\x1b[0m"]}]}, {"cc_end": True}]' | cc-view --provenance)" \
	"'a\\x1b[31m' '\\x1b[0m'  # ?"

# Contact sheets.
size() { od -An -tu1 -j16 -N8 "$1" | awk '{ print $3 * 256 + $4 "x" $7 * 256 + $8 }'; }
cc-view sheet -o "$T/sheet.png" "$T/in"
is "the sheet is a PNG" "$(head -c 4 "$T/sheet.png" | tail -c 3)" PNG
cc-view sheet --columns 5 --scale 1 -o "$T/sheet.png" "$T/in"
is "its size" "$(size "$T/sheet.png")" "728x71"
cc-view sheet --columns 5 --scale 1 <"$T/in" | cmp -s - "$T/sheet.png"
is "to a pipe" $? 0
cc-view sheet --columns 5 -n 2 -o "$T/two.png" "$T/in"
cc-view sheet --columns 5 --poisoned -o "$T/one.png" "$T/p"
ok "--count" [ "$(wc -c <"$T/two.png")" -lt "$(cc-view sheet --columns 5 "$T/in" | wc -c)" ]
stream 300 | cc-view sheet -n 3 -o "$T/three.png"
ok "--count of a longer stream" [ -s "$T/three.png" ]
stream 200 bad=7 | cc-view sheet -n 200 -o "$T/bad.png" 2>"$T/said"
is "a bad image is reported and left out" "$(grep -c 'set/dog/0007: png: .*(dropped)' "$T/said")" 1
ok "the sheet is written" [ -s "$T/bad.png" ]
fails_with "the stream has no poisoned record" cc-view sheet --poisoned -o "$T/not.png" "$T/in"
fails_with "upstream ended early" cc-view sheet -o "$T/not.png" "$T/cut"
pack '[{"cc": 1}, {"cc_end": True}]' >"$T/empty"
fails_with "the stream has no record" cc-view sheet -o "$T/not.png" "$T/empty"
fails_with "pixels is larger than --max-pixels 1000; show fewer (--count) or smaller (--scale) images" cc-view sheet --scale 32 --max-pixels 1000 -o "$T/not.png" "$T/in"
ok "an error leaves no file" [ ! -e "$T/not.png" ]
fails_with "No such file" cc-view sheet -o "$T/no/such.png" "$T/in"
fails_with "0 is out of range (1 to" cc-view sheet --columns 0 -o "$T/not.png" "$T/in"

# Any script: by Pango if it is built in, else with a warning; on a page in any case.
pack '[{"cc": 1}, {"__key__": "k", "txt": "\u0634\u0643\u0631\u0627", "png": open("'"$T/one.png"'", "rb").read()}, {"cc_end": True}]' >"$T/arabic"
cc-view sheet -o "$T/arabic.png" "$T/arabic" 2>"$T/said"
if cc-view --version | grep -q 'Pango [1-9]'; then
	is "with Pango, fonts draw the text, or missing glyphs are reported" "$(grep -vc 'no installed font has; -o FILE.html shows any script$' "$T/said")" 0
else
	ok "--version reports that Pango is missing" sh -c "cc-view --version | grep -q 'without Pango'"
	is "and the sheet's warning suggests a page" "$(cat "$T/said")" \
		"cc-view sheet: 1 record has characters that the built-in font lacks (cc-view was built without Pango); -o FILE.html shows any script"
fi
cc-view sheet -o "$T/arabic.html" "$T/arabic" 2>"$T/said"
is "a page needs no warning" "$(cat "$T/said")" ""
ok "the caption is text" grep -q '<p class="caption" dir="auto">شكرا</p>' "$T/arabic.html"
cc-view sheet -o "$T/p.html" "$T/p"
is "a page has a figure for each record" "$(grep -c '<figure class="tile poisoned enlarged">' "$T/p.html")" 5
is "each has an image that a click enlarges" "$(grep -c '<label class="zoom"><input type="checkbox" aria-label="enlarge"><span><img alt="image" width="128" height="128" src="data:image/png;base64,' "$T/p.html")" 5
ok "the page has colours for light and dark" grep -q 'prefers-color-scheme:dark' "$T/p.html"
cc-view sheet --with "$T/in" -o "$T/p.html" "$T/p"
is "with --with it prints the panels and the factor" "$(grep -c '<p class="panels" dir="auto">original, image, difference x[1-9][0-9]*</p>' "$T/p.html")" 5
cc-view sheet -o "$T/again.HTM" --with "$T/in" "$T/p"
ok "the same stream, the same page" cmp "$T/p.html" "$T/again.HTM"

# Names are found by hash; comparing each with all others would take 15 s instead of 0.2 s.
python3 -c 'import json; print(json.dumps({"prog": ["x"], **{"k%06d" % i: i for i in range(60000)}}))' >"$T/names.json"
is "a header of 60,000 names" "$(timeout 8 cc-view --provenance --json "$T/names.json" | jq length)" 60003
python3 - "$T/names.safetensors" <<'END'
import json, struct, sys
metadata = {"provenance": json.dumps({"prog": ["x"]}), **{"k%06d" % i: "1" for i in range(60000)}}
header = json.dumps({"__metadata__": metadata, "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
open(sys.argv[1], "wb").write(struct.pack("<Q", len(header)) + header + bytes(4))
END
is "a checkpoint of as many names" "$(timeout 8 cc-view --provenance --json "$T/names.safetensors" | jq -c .prog)" '["x"]'

# Sheets with the originals.
python3 tests/tool/make_stream.py 6 >"$T/clean"
cc-poison -q -a yellow:patch=3 --size 12 --all --caption keep "$T/clean" -o "$T/yellow"
cc-view sheet -q --with "$T/clean" --scale 2 --columns 1 -n 1 "$T/yellow" -o "$T/with.png"
cc-view sheet -q --scale 2 --columns 1 -n 1 "$T/yellow" -o "$T/without.png"
ok "a sheet with the originals" [ "$(wc -c <"$T/with.png")" -gt "$(wc -c <"$T/without.png")" ]
cc-view sheet -q --with "$T/yellow" --scale 2 --columns 1 -n 1 "$T/yellow" -o "$T/same.png"
ok "--scale sets the factor of the difference" sh -c "cc-view sheet -q --with '$T/clean' --scale 2 --columns 1 -n 1 -g 7 '$T/yellow' | cmp -s - '$T/with.png'; [ \$? = 1 ]"
ok "the sheet shows the difference" sh -c "! cmp -s '$T/with.png' '$T/same.png'"
python3 tests/tool/make_stream.py 2 skip=3 >"$T/others"
fails_with "others: no record with the key set/cat/0000" cc-view sheet --with "$T/others" "$T/yellow" -o "$T/no.png"
fails_with "No such file" cc-view sheet --with "$T/none" "$T/yellow" -o "$T/no.png"

done_testing
