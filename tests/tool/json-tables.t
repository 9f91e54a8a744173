#!/bin/sh
# JSON lines and arrays as tables; folders of images with metadata.jsonl or metadata.csv; JSON in cc-view --full.
. "$(dirname "$0")/lib.sh"

mkdir -p "$T/d/sub"
for i in 0 1 2; do printf 'P6\n1 1\n255\n%s%s%s' $i $i $i >"$T/d/$i.ppm"; done
cp "$T/d/0.ppm" "$T/d/sub/3.ppm"
shown() { cc-view | jq -c 'select(.__key__) | [.__key__, .txt, .cls]' | tr '\n' ' '; }
rows() { cc-shard read "$@" 2>"$T/said" | shown; }

# JSON lines.
printf '\357\273\277{"image": "0.ppm", "caption": "a dog", "label": 1}\r\n\n {"caption": "x\\ny", "image": "sub/3.ppm", "label": null, "n": NaN}\n{"image": "2.ppm", "label": " 2"}' >"$T/d/t.jsonl"
is "a table of JSON lines" "$(rows "$T/d/t.jsonl")" '["0","a dog",1] ["sub/3","x\ny",null] ["2",null,2] '
is "under another name, and on standard input" "$(cp "$T/d/t.jsonl" "$T/d/t.txt"; rows --image-column image "$T/d/t.txt"; cd "$T/d" && rows --image-column image - <t.jsonl)" \
	"$(rows "$T/d/t.jsonl")$(rows "$T/d/t.jsonl")"
is "--shuffle with --epochs" "$(rows --shuffle --epochs 2 "$T/d/t.jsonl" | tr -d ' ' | wc -c)" "$(rows --epochs 2 "$T/d/t.jsonl" | tr -d ' ' | wc -c)"
is "compressed" "$(gzip -k "$T/d/t.jsonl" && rows "$T/d/t.jsonl.gz")" "$(rows "$T/d/t.jsonl")"
printf '{"meta": {"path": "0.ppm", "alt": ["no", "a dog"]}, "id": 7, "n": 1.5}\n' >"$T/d/deep.ndjson"
is "columns may be paths" "$(rows --image-column meta.path --caption-column meta.alt.1 --key-column id "$T/d/deep.ndjson")" '["7","a dog",null] '
fails_with "deep.ndjson: line 1: column 'image' or 'file_name' not found (columns: 'meta', 'id', 'n'); use --image-column NAME" cc-shard read "$T/d/deep.ndjson"
fails_with "column 'caption', 'text' or 'label' not found (columns: 'meta', 'id', 'n')" cc-shard read --image-column meta.path "$T/d/deep.ndjson"
fails_with "column 'meta.none' not found" cc-shard read --image-column meta.path --caption-column meta.none "$T/d/deep.ndjson"
printf '{"image": "0.ppm", "caption": "a"}\n{bad\n[1]\n{"image": "none.ppm", "caption": "b"}\n{"caption": "c"}\n{"image": "1.ppm", "caption": {"a": 1}}\n{"image": "2.ppm", "caption": "a", "caption": "b"}\n' >"$T/d/bad.jsonl"
is "an invalid line makes a bad record" "$(rows --max-bad 100% "$T/d/bad.jsonl")" '["0","a",null] '
is "and is reported" "$(grep -c "bad.jsonl: line 2: .*column 4: \|line 3: .*expected a JSON object\|line 4: none: .*No such file\|line 5: .*no image path\|line 6: 1: caption: must be a string or a list\|line 7: .*duplicate" "$T/said")" 6
# Programs that write JSON omit null values: any object may lack a name, including the first.
printf '{"image": "0.ppm", "label": 1}\n{"file_name": "1.ppm", "text": "a", "label": 2}\n{"image": "2.ppm", "caption": "b"}\n' >"$T/d/omitted.jsonl"
is "common names that the first object lacks are found in later ones" "$(rows "$T/d/omitted.jsonl")" '["0",null,1] ["1","a",2] ["2","b",null] '
is "in any order" "$(rows --shuffle "$T/d/omitted.jsonl" | sed 's/] /]\n/g' | sort | tr '\n' ' ')" "$(rows "$T/d/omitted.jsonl")"
printf '{"image": "0.ppm", "caption": "a"}\n{"image": "1.ppm", "label": 2}\n{"image": "2.ppm", "caption": null, "text": "b", "label": 0}\n' >"$T/d/omitted.jsonl"
is "the same for labels; null equals omitted" "$(rows "$T/d/omitted.jsonl")" '["0","a",null] ["1",null,2] ["2","b",0] '
is "a name given by an option is the only one" "$(rows --caption-column caption "$T/d/omitted.jsonl")" '["0","a",null] ["1",null,2] ["2",null,0] '
fails_with "line 1: column 'label' not found (columns: 'image', 'caption')" cc-shard read --label-column label "$T/d/omitted.jsonl"
printf '{"cc": 1}\n' >"$T/lines"
is "--jsonl reads records as before" "$(printf '{"__key__": "k", "txt": "x"}\n' | cc-shard read -q --jsonl - 2>/dev/null | shown)" '["k","x",null] '

# An array.
printf '[\n  {"image": "0.ppm", "caption": "a [dog], \\"x\\""},\n  {"image": "1.ppm", "caption": "b"}\n]\n' >"$T/d/a.json"
is "an array of objects" "$(rows "$T/d/a.json")" '["0","a [dog], \"x\"",null] ["1","b",null] '
is "shuffled too" "$(rows --shuffle "$T/d/a.json" | sed 's/] /]\n/g' | sort | tr '\n' ' ')" "$(rows "$T/d/a.json")"
head -c 60 "$T/d/a.json" >"$T/d/cut.json"
fails_with "cut.json: line 3: the array is never closed: the file is truncated" cc-shard read "$T/d/cut.json"
sed 's/^]/] x/' "$T/d/a.json" >"$T/d/more.json"
fails_with "more.json: line 4: text after the array" cc-shard read "$T/d/more.json"

# Several captions per image.
printf '{"image": "0.ppm", "caption": ["a\\nb", " ", "c"]}\n{"image": "1.ppm", "caption": "d\\ne"}\n' >"$T/d/several.jsonl"
is "a list of captions" "$(rows "$T/d/several.jsonl")" '["0",["a b","c"],null] ["1","d e",null] '
is "shards keep the list" "$(cc-shard read "$T/d/several.jsonl" | cc-shard write -q "$T/several.tar"; rows "$T/several.tar")" "$(rows "$T/d/several.jsonl")"
is "and its digest" "$(cc-shard digest "$T/d/several.jsonl")" "$(cc-shard digest "$T/several.tar")"
sed 1!G\;h\;\$!d "$T/d/several.jsonl" >"$T/d/later.jsonl"
fails_with "line 2: 0: caption: 2 captions; use --captions lines to read them" cc-shard read --max-bad 0 "$T/d/later.jsonl"
is "only later rows have lists" "$(rows --captions lines "$T/d/later.jsonl")" '["1","d e",null] ["0",["a b","c"],null] '

# The bytes of a FIFO cannot be read twice, so it is not probed for an array.
mkdir "$T/once" && tar -cf "$T/once/0.tar" -C "$T/d" 0.ppm && mkfifo "$T/once/list.json"
echo '{"0.tar": 1}' >"$T/once/list.json" &
is "a list of shards from a FIFO" "$(timeout 20 cc-shard keys "$T/once/list.json" 2>&1)" 0

# Folders with metadata.
mkdir -p "$T/hf/train/sub" "$T/hf/test"
cp "$T/d/0.ppm" "$T/d/1.ppm" "$T/hf/train"
cp "$T/d/2.ppm" "$T/hf/train/sub"
cp "$T/d/0.ppm" "$T/hf/test"
printf '{"file_name": "0.ppm", "text": "a"}\n{"file_name": "1.ppm", "text": "b"}\n{"file_name": "sub/2.ppm", "text": "c"}\n' >"$T/hf/train/metadata.jsonl"
printf 'file_name,text\n0.ppm,"x, y"\n' >"$T/hf/test/metadata.csv"
is "captions come from the folder's metadata" "$(rows "$T/hf/train")" '["0","a",null] ["1","b",null] ["sub/2","c",null] '
is "and from the metadata of its subfolders" "$(rows "$T/hf")" '["test/0","x, y",null] ["train/0","a",null] ["train/1","b",null] ["train/sub/2","c",null] '
is "--shuffle gives the same records" "$(rows --shuffle "$T/hf" | sed 's/] /]\n/g' | sort | tr '\n' ' ')" "$(rows "$T/hf")"
cp "$T/d/2.ppm" "$T/hf/train/sub/extra.ppm"
echo '{"file_name": "gone.ppm", "text": "d"}' >>"$T/hf/train/metadata.jsonl"
is "images without a row and rows without an image are not records" "$(rows --max-bad 100% "$T/hf/train")" '["0","a",null] ["1","b",null] ["sub/2","c",null] '
is "they are reported" "$(grep -c 'hf/train: sub/extra.ppm: no row of the folder.s metadata names this image (dropped)\|metadata.jsonl: line 4: gone: .*No such file' "$T/said")" 2
is "and counted" "$(cc-shard read --max-bad 100% "$T/hf/train" 2>/dev/null | cc-view | tail -1 | jq -c '[.records, ([.bad[]] | add)]')" "[3,2]"
fails_with "hf/train: sub/extra.ppm: no row of the folder's metadata names this image" cc-shard verify "$T/hf/train"
is "stat counts them" "$(cc-shard stat --json --max-bad 100% "$T/hf/train" 2>/dev/null | jq -c '[.records, ([.bad[]] | add)]')" "[4,1]"
fails_with "hf/train: sub/extra.ppm: no row" cc-shard stat --max-bad 0 "$T/hf/train"
fails_with "sub/extra.ppm: no row of the folder's metadata names this image" cc-shard read --max-bad 0 "$T/hf/train"
mkdir "$T/twins"
for twin in 1.ppm 1.png a.b.ppm a_b.ppm 2.ppm; do cp "$T/d/0.ppm" "$T/twins/$twin"; done
printf '{"file_name": "1.ppm", "text": "a"}\n{"file_name": "a.b.ppm", "text": "b"}\n{"file_name": ".//x/../2.ppm", "text": "c"}\n' >"$T/twins/metadata.jsonl"
mkdir "$T/twins/x"
is "images whose names differ only in suffixes or dots" "$(rows --max-bad 100% "$T/twins" | grep -o '"[abc]",null' | tr '\n' ' ')" \
	'"a",null "b",null "c",null '
is "exactly those without a row are reported" "$(sed -n 's/.*twins: \(.*\): no row of.*/\1/p' "$T/said" | sort | tr '\n' ' ')" "1.png a_b.ppm "
printf '{"file_name": "0.ppm", "prompt": "a"}\n' >"$T/hf/test/metadata.jsonl"
fails_with "hf/test: contains both metadata.jsonl and metadata.csv; name the one to read" cc-shard read "$T/hf/test"
rm "$T/hf/test/metadata.csv"
fails_with "column 'caption', 'text' or 'label' not found (columns: 'file_name', 'prompt'); use --caption-column NAME" cc-shard read "$T/hf/test"
is "--caption-column" "$(rows --caption-column prompt "$T/hf/test")" '["0","a",null] '
mv "$T/hf/test/metadata.jsonl" "$T/hf/test/metadata.parquet"
fails_with "metadata.parquet: Parquet; convert it: duckdb" cc-shard read "$T/hf/test"
tar cf "$T/hf.tar" -C "$T/hf/train" 0.ppm metadata.jsonl
fails_with "metadata: a table of images, not a sample; unpack the tar and read the folder (dropped)" cc-shard read --max-bad 0 "$T/hf.tar"

# cc-view --full prints JSON fields as JSON, and reading it back gives the same bytes.
mkdir "$T/j"
i=0
for text in '{"a": 1}' '{"a":1,"b":[true,null]}' '[NaN, -Infinity, 1e999]' '{"\u00e9": "\ud83d\ude00 \ud83d"}' '{ "x" : 1.50 }' '{"base64": "QUJD"}' \
	'{"bytes": 3}' '"text"' '7' 'not json' '[18446744073709551615]' '{"a": 1, "a": 2}' '{"é": "ü"}' '[0.1, 0.30000000000000004]' \
	'{"hash": -7169893614098366003}'; do
	printf '%s' "$text" >"$T/j/$i.json"
	printf '%s\n' "$text" >"$T/j/$i.meta.json"
	i=$((i + 1))
done
cc-shard read "$T/j" >"$T/j.stream"
cc-view --full "$T/j.stream" >"$T/j.full"
is "--full is exact" "$(python3 tests/tool/check_full.py "$T/j.stream" "$T/j.full")" "$((i + 3)) equal"
is "and prints JSON fields as JSON" "$(jq -c 'select(.__key__ == "1") | [.json, ."meta.json"]' "$T/j.full")" '[{"a":1,"b":[true,null]},{"a":1,"b":[true,null]}]'
is "what is not an object or list stays binary" "$(jq -c 'select(.json.base64?) | .__key__' "$T/j.full" | tr '\n' ' ')" '"10" "11" "5" "7" "8" "9" '
cc-shard read -q --jsonl "$T/j.full" >"$T/j.again"
is "reading it back gives the same records" "$(cc-shard digest <"$T/j.again")" "$(cc-shard digest <"$T/j.stream")"
ok "with the same bytes" python3 - "$T/j.stream" "$T/j.again" <<'END'
import sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import Unpacker
a, b = ([r for r in Unpacker(open(name, "rb")) if "__key__" in r] for name in sys.argv[1:])
assert a == b and all(type(x[k]) is type(y[k]) for x, y in zip(a, b) for k in x), (a, b)
END
is "a field changed by jq gets new bytes" "$(jq -c 'if .__key__ == "1" then .json.a = "é" else . end' "$T/j.full" | cc-shard read -q --jsonl - | cc-shard write -q "$T/j.tar"; tar xOf "$T/j.tar" 1.json)" \
	'{"a": "é", "b": [true, null]}'
is "but not a number that jq 1.6 rounds" "$(tar xOf "$T/j.tar" 14.json)" '{"hash": -7169893614098366003}'
is "and no other field" "$(tar xOf "$T/j.tar" 4.json)" '{ "x" : 1.50 }'
is "jq makes a caption from a JSON field" "$(cc-view --full "$T/j.stream" | jq -c 'if .__key__ == "12" then .txt = .json["é"] else . end' | cc-shard read -q --jsonl - | cc-view | jq -r '.txt // empty')" ü

done_testing
