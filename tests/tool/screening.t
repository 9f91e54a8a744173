#!/bin/sh
# Screening for poison as a filter on embeddings, judged by the ledger: poison | embed | detect | score.  The detector is an external
# stage (screen.py: distance of an image to the nearest of some trusted ones); the judge is a line of jq.
. "$(dirname "$0")/lib.sh"

cat >"$T/screen.py" <<'EOF'
import json, math, struct, sys
sys.path.insert(0, "tests/tool")
from tinymsgpack import Unpacker, packb
def vectors(file):
    for item in file:
        if "image.npy" in item:
            yield item, struct.unpack("<%df" % item["image.npy"]["shape"][0], item["image.npy"]["data"])
trusted = [vector for _, vector in vectors(Unpacker(open(sys.argv[1], "rb")))]
items = list(Unpacker(sys.stdin.buffer))
for item, vector in vectors(items):
    item["screen.json"] = json.dumps({"score": min(math.dist(vector, other) for other in trusted)}).encode()
for item in items:
    sys.stdout.buffer.write(packb(item))
EOF
cat >"$T/config.json" <<'END'
{"embed_dim": 16, "quick_gelu": true,
 "vision_cfg": {"image_size": 12, "block": "basic", "width": 8, "layers": [1, 1], "widths": [8, 16]},
 "text_cfg": {"context_length": 12, "width": 8, "heads": 2, "layers": 1}}
END
printf '#version: 0.2\np h\nph o\nt h\n' >"$T/vocab.txt"
cc-model init "$T/config.json" --vocab "$T/vocab.txt" -o "$T/m.safetensors"
python3 tests/tool/make_stream.py 200 >"$T/in"
python3 tests/tool/make_stream.py 60 skip=200 | cc-augment -q --size 12 | cc-embed -q -m "$T/m.safetensors" --image -o "$T/trusted"
cc-poison -q -a yellow:patch=8,place=center -n 20 -t dog --size 12 "$T/in" | cc-augment -q --size 12 |
	cc-embed -q -m "$T/m.safetensors" --image | python3 "$T/screen.py" "$T/trusted" >"$T/screened"
is "the ledger is kept through all stages" "$(cc-view "$T/screened" | jq -c 'select(."poison.json" and ."screen.json") | 1' | wc -l)" 20
judge() { # N: precision and recall of the N most suspicious records
	cc-view "$T/screened" | jq -cn --argjson n "$1" '[inputs | select(.__key__) | {s: ."screen.json".score, p: has("poison.json")}] |
		(map(select(.p)) | length) as $all | sort_by(-.s)[:$n] | (map(select(.p)) | length) as $hits |
		{precision: ($hits / $n), recall: ($hits / $all)}'
}
is "all records: recall 1" "$(judge 200)" '{"precision":0.1,"recall":1}'
ok "the patch is found far more often than by chance" sh -c "echo '$(judge 20)' | jq -e '.precision > 0.5 and .precision == .recall'"
is "the remaining records have no poison" "$(cc-view --full "$T/screened" | jq -c 'select(has("poison.json") | not)' | cc-shard read --jsonl - 2>/dev/null |
	cc-shard write "$T/clean.tar"; cc-shard stat --json "$T/clean.tar" | jq -c '[.records, .fields["poison.json"]]')" '[180,null]'
done_testing
