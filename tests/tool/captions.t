#!/bin/sh
# Captions: several per image, inside JSON, empty ones; labels as numbers and as text.
. "$(dirname "$0")/lib.sh"

make() { python3 tests/tool/make_tar.py "$@"; }
texts() { cc-view "$@" | jq -c 'select(.__key__) | .txt' | tr '\n' ' '; }
stream() { python3 tests/tool/train_stream.py "$@"; }
printf 'P6\n1 1\n255\nabc' >"$T/x.ppm"

# One caption per line.
printf 'a dog\nit runs\r\n\n  \nbrown\n' >"$T/five"
mkdir "$T/d"
for i in 0 1; do cp "$T/x.ppm" "$T/d/$i.ppm"; done
cp "$T/five" "$T/d/0.txt"
printf 'one caption\n' >"$T/d/1.txt"
is "--captions text: one text" "$(cc-shard read "$T/d" | texts)" '"a dog\nit runs\r\n\n  \nbrown\n" "one caption\n" '
cc-shard read --captions lines "$T/d" >"$T/lists"
is "--captions lines: a list" "$(texts "$T/lists")" '["a dog","it runs","brown"] "one caption\n" '
is "the header records the choice" "$(cc-view "$T/lists" | head -1 | jq -r .captions)" lines
cc-shard write -q "$T/lists.tar" <"$T/lists"
is "a shard stores one caption per line" "$(tar xOf "$T/lists.tar" 0.txt)" "$(printf 'a dog\nit runs\nbrown')"
is "and is read back as a list" "$(cc-shard read "$T/lists.tar" | texts)" "$(texts "$T/lists")"
is "shuffled too" "$(cc-shard read --shuffle "$T/lists.tar" | texts | tr -d ' ' | wc -c)" "$(texts "$T/lists" | tr -d ' ' | wc -c)"
is "the digest is the same" "$(cc-shard digest "$T/lists.tar")" "$(cc-shard digest <"$T/lists")"
ok "the shard is whole" cc-shard verify "$T/lists.tar"
is "--captions text overrides" "$(cc-shard read --captions text "$T/lists.tar" | texts)" '"a dog\nit runs\nbrown" "one caption\n" '
cc-view --full "$T/lists" | cc-shard read -q --jsonl - >"$T/again"
ok "cc-view --full and back changes nothing" sh -c "cc-view --full '$T/lists' | sed 1d >'$T/1'; cc-view --full '$T/again' | sed 1d | cmp - '$T/1'"
is "--where finds a word in any of the captions" "$(cc-shard read --captions lines --where 'txt~brown' "$T/d" | texts)" '["a dog","it runs","brown"] '
is "a list of captions in a JSON record" "$(printf '{"__key__":"a","txt":["b","c"]}\n' | cc-shard read -q --jsonl - 2>/dev/null | texts)" '["b","c"] '
fails_with "a: txt is a list of captions, but the stream's header does not announce lists" \
	sh -c "printf '{\"__key__\":\"a\",\"txt\":[\"b\",\"c\"]}\n' | cc-shard read -q --jsonl - 2>/dev/null | cc-shard write '$T/no.tar'"

# Captions inside JSON.
make "$T/j.tar" '0.json={"caption": "a red car", "deep": {"list": ["x", "y"]}, "score": NaN}' \
	'1.json={"caption": ["a dog", " ", "brown\nfur"], "deep": {"list": ["x"]}}' '2.json={"deep": {"list": []}, "url": "u"}' 2.txt=mine
is "--caption-json with a field" "$(cc-shard read --caption-json caption "$T/j.tar" | texts)" '"a red car" ["a dog","brown fur"] "mine" '
is "--caption-json with a path" "$(cc-shard read --max-bad 1 -q --caption-json deep.list.1 "$T/j.tar" 2>/dev/null | texts)" '"y" "mine" '
fails_with "1: json: 'deep.list.1' not found (names: caption, deep) (dropped)" cc-shard read --max-bad 0 --caption-json deep.list.1 "$T/j.tar"
is "json is read even if --fields excludes it" "$(cc-shard read --fields txt --caption-json caption "$T/j.tar" | cc-view | jq -c 'select(.__key__) | keys' | sort -u)" '["__key__","txt"]'
make "$T/n.tar" '0.json={"caption": 7}' '1.json={"caption": "  "}' '2.json=no' 3.jpg=x
cc-shard read --max-bad 100% --caption-json caption "$T/n.tar" >/dev/null 2>"$T/said"
fails_with "--caption-json: expected a path in the field json" cc-shard read --caption-json "" "$T/n.tar"
is "what is not a caption is reported" "$(sed 's/.*byte [0-9]*: //' "$T/said" | grep -c "0: json: caption: must be a string or a list\|1: json: 'caption' is an empty caption\|2: json: line 1\|3: the record has no field json to take its caption from")" 4

# Empty and blank captions are treated alike.
make "$T/e.tar" 0.txt='a dog' 1.txt= 2.txt="$(printf '  \n\302\240')" 3.cls=1 3.jpg=x
is "stat counts them" "$(cc-shard stat --json "$T/e.tar" | jq -c '[.fields.txt.count, .empty_captions]')" "[3,2]"
is "and prints the count" "$(cc-shard stat "$T/e.tar" | grep empty | tr -s ' ')" " 2 empty: txt is blank"
make "$T/e2.tar" 0.txt='.' 1.txt="$(printf '\357\273\277')" 2.txt="$(printf ' \001\177\n')" 3.txt="$(printf '\342\200\213')"
is "a byte order mark or control characters alone are an empty caption" "$(cc-shard stat --json "$T/e2.tar" | jq .empty_captions)" 2
is "a stream's empty captions are counted too" "$(cc-shard read "$T/e.tar" | cc-shard stat --json | jq .empty_captions)" 2
printf 'image,caption,label\nx.ppm,a dog,\nx.ppm,,1\nx.ppm,\302\240 ,1\n' >"$T/e.csv"
is "a blank cell is not a field" "$(cc-shard read "$T/e.csv" | cc-view | jq -c 'select(.__key__) | keys - ["__key__", "ppm"]' | tr '\n' ' ')" '["txt"] ["cls"] ["cls"] '
echo dog >"$T/classes"
make "$T/t.tar" 0.cls=0 0.txt=' ' 1.cls=0 1.txt=mine
is "--templates replace a blank caption" "$(cc-shard read -q --classes "$T/classes" --templates default "$T/t.tar" 2>/dev/null | texts | grep -c '.*dog.*"mine"')" 1

# Labels.
make "$T/l.tar" '0.cls= 1' 1.cls=1.0 "2.cls=$(printf '1\n')" '3.cls=1e0' 4.cls=cat
is "labels in files" "$(cc-shard read "$T/l.tar" | cc-view | jq -c 'select(.__key__) | .cls' | tr '\n' ' ')" '1 1 1 1 {"bytes":3} '
make "$T/l.tar" 0.cls=1.5 1.cls=1
fails_with "0: cls: '1.5' is not an integer (dropped)" cc-shard read --max-bad 0 "$T/l.tar"
printf 'image,label\nx.ppm, 1\nx.ppm,1.0\nx.ppm,1.5\n' >"$T/l.csv"
is "labels in tables" "$(cc-shard read --max-bad 1 "$T/l.csv" 2>"$T/said" | cc-view | jq -c 'select(.__key__) | .cls' | tr '\n' ' ')" '1 1 '
ok "an invalid label is reported" grep "line 4: x~3: label '1.5' is not an integer (dropped)" "$T/said"
is "labels in JSON" "$(printf '{"__key__":"a","cls":1.0}\n{"__key__":"b","cls":" 1"}\n' | cc-shard read -q --jsonl - 2>/dev/null | cc-view | jq -c 'select(.__key__) | .cls' | tr '\n' ' ')" '1 1 '
fails_with "line 1: cls: 1.5 is not an integer" sh -c "printf '{\"__key__\":\"a\",\"cls\":1.5}\n' | cc-shard read --jsonl -"
is "a label that another program packs as a float" "$(python3 -c 'import sys; sys.path.insert(0, "tests/tool"); from tinymsgpack import packb
for item in {"cc": 1}, {"__key__": "a", "cls": 1.0}, {"cc_end": True, "records": 1}: sys.stdout.buffer.write(packb(item))' | cc-shard write -q "$T/real.tar"; tar xOf "$T/real.tar" a.cls)" 1

# Several captions in embedding, training and scoring.
cat >"$T/config.json" <<'END'
{"embed_dim": 8,
 "vision_cfg": {"image_size": 12, "block": "basic", "width": 4, "layers": [1, 1], "widths": [6, 8]},
 "text_cfg": {"context_length": 12, "width": 8, "heads": 2, "layers": 1}}
END
printf '#version: 0.2\np h\nph o\nt h\n' >"$T/vocab.txt"
stream 12 epochs=4 >"$T/in"
cc-model init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/m.safetensors"
cc-view --full "$T/in" | jq -c 'if .__key__ then .txt = [.txt, "the other one", " "] else . end' | cc-shard read -q --jsonl - >"$T/two"
embed() { cc-embed -q -m "$T/m.safetensors" --text "$@"; }
vectors() { cc-view --full "$1" | jq -r 'select(.__key__) | ."text.npy" | .data.base64' | python3 -c '
import base64, struct, sys
for line in sys.stdin:
    data = base64.b64decode(line)
    for i in range(0, len(data), 32):
        print(*("%.4f" % abs(x) for x in struct.unpack("<8f", data[i:i + 32])))'; }
embed "$T/in" >"$T/in.emb"
embed "$T/two" >"$T/two.emb"
cc-view --full "$T/in" | jq -c 'if .__key__ then .txt = "the other one" else . end' | cc-shard read -q --jsonl - | embed >"$T/other.emb"
is "one row for each caption" "$(cc-view "$T/two.emb" | jq -c 'select(.__key__) | ."text.npy".shape' | sort -u)" "[2,8]"
is "each row is the vector of its caption" "$(vectors "$T/two.emb")" "$(vectors "$T/in.emb" >"$T/v1"; vectors "$T/other.emb" >"$T/v2"; paste -d '\n' "$T/v1" "$T/v2")"
train() { cc-train clip -m "$T/m.safetensors" --batch 4 --lr 1e-2 -o "$T/out.safetensors" "$@"; }
cc-augment -q --size 12 --text eda --wordnet "${CC_WORDNET:-/usr/share/wordnet}" "$T/two" >"$T/picked"
is "cc-augment --text picks one caption per epoch" "$(cc-view "$T/picked" | jq -c 'select(.__key__) | [.__key__, .txt == "the other one"]' | sort -u | wc -l)" 22
train "$T/two" >"$T/two.log"
train "$T/picked" >"$T/picked.log"
ok "cc-train picks the same one" cmp "$T/two.log" "$T/picked.log"
train --seed 1 "$T/two" >"$T/other.log"
ok "another seed picks another one" sh -c "! cmp -s '$T/two.log' '$T/other.log'"
cc-view --full "$T/in" | jq -c 'if .__key__ then .txt = " " else . end' | cc-shard read -q --jsonl - >"$T/blank"
fails_with "txt: the caption is empty (dropped)" train "$T/blank"
fails_with "txt: the caption is empty (dropped)" embed "$T/blank"
fails_with "txt: the caption is empty (dropped)" cc-augment --size 12 --text eda "$T/blank"

done_testing
